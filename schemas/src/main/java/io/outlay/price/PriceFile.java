package io.outlay.price;

import io.outlay.money.Money;
import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads and writes a price file in the format {@code outlay-prices/1}, described in {@code
 * docs/prices.md}. Amounts are read as decimal text, never through a floating-point number. A later
 * {@code from} of the same subject ends the validity of the former price.
 */
public final class PriceFile {
  /** Value of {@code format} that this class reads. */
  public static final String FORMAT = "outlay-prices/1";

  /** Largest file that is read, in characters. */
  public static final int MAX_CHARACTERS = 3 * 1024 * 1024;

  private static final String DEFAULT_RESOURCE = "default-prices.yaml";
  private static final String USD = "USD";
  private static final Set<String> STANDARD_TIERS = Set.of("", "standard", "default");
  private static final Pattern TIME = Pattern.compile("(\\d{1,2}):(\\d{2})");
  private static final BigDecimal MAX_FACTOR = BigDecimal.valueOf(1_000);
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final String origin;
  private final Faults faults = new Faults();
  private String asOf = "";
  private String currency = USD;

  private PriceFile(String origin) {
    this.origin = origin;
  }

  /** The book that is shipped; its prices carry the origin {@code default}. */
  public static List<Price> shipped() {
    try (InputStream in =
        Objects.requireNonNull(
            PriceFile.class.getResourceAsStream(DEFAULT_RESOURCE), DEFAULT_RESOURCE)) {
      return read(new InputStreamReader(in, StandardCharsets.UTF_8), "default");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + DEFAULT_RESOURCE, e);
    }
  }

  /**
   * Reads a file whole.
   *
   * @param origin where the figures come from, kept with each price
   * @return prices with version 1, ordered by id
   * @throws PriceFileException with all faults and their lines
   */
  public static List<Price> read(Reader reader, String origin) {
    Node root;
    try {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      options.setCodePointLimit(MAX_CHARACTERS);
      root = new Yaml(new SafeConstructor(options)).compose(reader);
    } catch (MarkedYAMLException e) {
      throw new PriceFileException(
          e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1,
          "is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      // Bounds of the reader (size, nesting, aliases) and characters that no YAML file has.
      throw new PriceFileException(0, "is not YAML: " + e.getMessage());
    }
    if (root == null) {
      throw new PriceFileException(1, "the file is empty");
    }
    return new PriceFile(origin).prices(root);
  }

  /**
   * Writes prices as a file. Reading it gives them back, with version 1 and the reader's origin.
   *
   * @param prices no two of a subject overlap
   * @throws IllegalArgumentException if a price has no form in the format, naming it
   */
  public static String write(Collection<Price> prices) {
    return PriceFileWriter.write(prices);
  }

  private List<Price> prices(Node root) {
    Map<String, Node> top = mapping("the file", root);
    read(top, "asOf", node -> asOf = date(node));
    read(top, "currency", node -> currency = currency(node));
    read(top, "format", node -> require("format", node, FORMAT));
    List<Validity.Entry> entries = new ArrayList<>();
    top.forEach(
        (key, value) -> {
          if (!Set.of("format", "currency", "asOf").contains(key)) {
            Section section = Section.named(key);
            if (section == null) {
              faults.add(keyLine(root, key), "unknown key " + key);
            } else {
              faults.tried(() -> section(section, value, entries));
            }
          }
        });
    if (!top.containsKey("format")) {
      faults.add(1, "format is required: " + FORMAT);
    }
    List<Price> prices = Validity.settle(entries, faults);
    faults.throwIfAny();
    return prices;
  }

  private boolean section(Section section, Node value, List<Validity.Entry> entries) {
    for (Node node : sequence(section.key, value)) {
      int before = faults.count();
      Price price = faults.tried(() -> price(section, node));
      if (price != null && faults.count() == before) {
        entries.add(new Validity.Entry(price, line(node)));
      }
    }
    return true;
  }

  private Price price(Section section, Node node) {
    Map<String, Node> fields = mapping("an entry of " + section.key, node);
    for (String key : fields.keySet()) {
      if (!section.known().contains(key)) {
        faults.add(keyLine(node, key), "unknown key " + key + " in " + section.key);
      }
    }
    for (String key : section.required()) {
      Node value = fields.get(key);
      if (value == null || (value instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
        faults.add(line(node), section.key + ": " + key + " is required");
      }
    }
    Price price = blank(section.kind);
    price.setOrigin(origin);
    price.setAsOf(asOf);
    price.setCurrency(section.hasRates() ? currency : USD);
    if (!section.providerKey.isEmpty()) {
      read(fields, section.providerKey, at -> price.setProvider(name(section.providerKey, at)));
    }
    price.setName(subjectName(section, fields));
    for (String key : List.of("region", "team", "customer", "purchaseOption", "match", "aliases")) {
      if (section.known().contains(key)) {
        read(fields, key, at -> subject(price, key, at));
      }
    }
    read(
        fields,
        "from",
        at -> price.setValidFromMicros(Validity.micros("from", scalar("from", at), line(at))));
    read(
        fields,
        "to",
        at -> price.setValidToMicros(Validity.micros("to", scalar("to", at), line(at))));
    read(fields, "asOf", at -> price.setAsOf(date(at)));
    if (section.hasFreeNames() && price.getName().isEmpty()) {
      for (String key : List.of("match", "aliases")) {
        read(fields, key, at -> fault(at, key + " wants " + section.nameKeys.get(0)));
      }
    }
    switch (section) {
      case EXCHANGE_RATES -> read(fields, "usd", at -> exchangeRate(price, at));
      case DISCOUNTS -> discount(price, fields, node);
      default -> rates(section, price, fields, node);
    }
    Cards.order(price);
    return price;
  }

  private String subjectName(Section section, Map<String, Node> fields) {
    List<String> parts = new ArrayList<>();
    for (String key : section.nameKeys) {
      read(
          fields,
          key,
          at -> {
            String part = name(key, at);
            switch (section) {
              case STORAGE, MOVES -> oneOf(key, part, UsageRules.STORAGE_TIERS, at);
              case NETWORK -> oneOf(key, part, UsageRules.NETWORK_PATHS, at);
              case EXCHANGE_RATES -> {
                currency(at);
                if (part.equals(USD)) {
                  fault(at, "currency must not be USD: its rate is 1");
                }
              }
              default -> {
                if (part.endsWith("*")) {
                  fault(at, key + " must not end in *, use match: prefix, was " + part);
                }
              }
            }
            parts.add(part);
          });
    }
    return String.join(">", parts);
  }

  private void subject(Price price, String key, Node at) {
    switch (key) {
      case "region" -> price.setRegion(name(key, at));
      case "team" -> price.setTeam(name(key, at));
      case "customer" -> price.setCustomer(name(key, at));
      case "purchaseOption" -> {
        String option = scalar(key, at);
        // An empty one is told as missing.
        if (!option.isEmpty()) {
          oneOf(key, option, UsageRules.PURCHASE_OPTIONS, at);
        }
        price.setPurchaseOption(option);
      }
      case "match" -> {
        String match = scalar(key, at);
        oneOf(key, match, Set.of("exact", "prefix"), at);
        price.setMatch(match.equals("prefix") ? NameMatch.PREFIX : NameMatch.EXACT);
      }
      case "aliases" -> {
        Set<String> aliases = new TreeSet<>();
        for (Node item : sequence(key, at)) {
          faults.tried(
              () -> {
                String alias = name(key, item);
                if (!aliases.add(alias) || alias.equals(price.getName())) {
                  fault(item, "aliases hold " + alias + " twice");
                }
                return alias;
              });
        }
        price.setAliases(new ArrayList<>(aliases));
      }
      default -> throw new IllegalStateException(key);
    }
  }

  private void exchangeRate(Price price, Node usd) {
    long amount = amount("usd", usd);
    if (amount == 0) {
      fault(usd, "usd must be > 0, was " + scalar("usd", usd));
    }
    price.setCards(List.of(Cards.allDay("", 0, List.of(new Rate(Meter.CURRENCY_UNITS, amount)))));
  }

  private void discount(Price price, Map<String, Node> fields, Node node) {
    if (price.getTeam().isEmpty() && price.getCustomer().isEmpty()) {
      faults.add(line(node), "discounts: team or customer is required");
    }
    if (price.getName().isEmpty()) {
      price.setMatch(NameMatch.PREFIX); // of every name
    }
    read(
        fields,
        "percent",
        at -> {
          String text = scalar("percent", at);
          if (text.isEmpty()) {
            return;
          }
          BigDecimal percent = decimal("percent", at);
          if (percent.signum() < 0 || percent.compareTo(HUNDRED) > 0) {
            fault(at, "percent must be between 0 and 100, was " + text);
          }
          price.setDiscountMillionths((int) millionths("percent", percent, 4, at));
        });
  }

  private void rates(Section section, Price price, Map<String, Node> fields, Node node) {
    List<RateCard> cards = new ArrayList<>();
    cards(section, "", fields, node, cards);
    read(
        fields,
        "tiers",
        at ->
            mapping("tiers", at)
                .forEach((tier, rates) -> faults.tried(() -> tier(price, tier, rates, cards))));
    price.setCards(cards);
    read(fields, "currency", at -> price.setCurrency(currency(at)));
    List<Multiplier> regions = new ArrayList<>();
    read(
        fields,
        "regions",
        at ->
            mapping("regions", at)
                .forEach(
                    (region, factor) ->
                        faults.tried(
                            () -> {
                              bounded("regions", region, factor);
                              return regions.add(
                                  new Multiplier(region, factor("regions: " + region, factor)));
                            })));
    price.setRegionMultipliers(regions);
  }

  private boolean tier(Price price, String tier, Node node, List<RateCard> cards) {
    if (STANDARD_TIERS.contains(tier)) {
      fault(node, "tiers: " + tier + " is the entry's own rates");
    }
    bounded("tiers", tier, node);
    Map<String, Node> fields = mapping("tiers: " + tier, node);
    Set<String> known =
        fields.containsKey("multiplier") ? Set.of("multiplier") : Set.of("rates", "above", "daily");
    for (String key : fields.keySet()) {
      if (!known.contains(key)) {
        faults.add(
            keyLine(node, key),
            "tiers: "
                + tier
                + (known.size() == 1 ? " has a multiplier, so no " : ": unknown key ")
                + key);
      }
    }
    if (!fields.containsKey("multiplier")) {
      cards(Section.MODELS, tier, fields, node, cards);
      return true;
    }
    List<Multiplier> multipliers = new ArrayList<>(price.getTierMultipliers());
    read(
        fields,
        "multiplier",
        at -> multipliers.add(new Multiplier(tier, factor("multiplier", at))));
    price.setTierMultipliers(multipliers);
    return true;
  }

  /** The cards of one tier: its rates, those of a time of day, and those above a threshold. */
  private void cards(
      Section section, String tier, Map<String, Node> fields, Node node, List<RateCard> cards) {
    dayCards(section, tier, 0, fields, node, cards);
    read(
        fields,
        "above",
        list -> {
          Set<Long> thresholds = new TreeSet<>();
          for (Node item : sequence("above", list)) {
            faults.tried(
                () -> {
                  Map<String, Node> parts = mapping("above", item);
                  Node threshold = parts.get("inputTokens");
                  if (threshold == null) {
                    fault(item, "above: inputTokens is required");
                  }
                  for (String key : parts.keySet()) {
                    if (!Set.of("inputTokens", "rates", "daily").contains(key)) {
                      faults.add(keyLine(item, key), "above: unknown key " + key);
                    }
                  }
                  long tokens = threshold(Objects.requireNonNull(threshold));
                  if (!thresholds.add(tokens)) {
                    fault(item, "a second card above " + tokens + " inputTokens");
                  }
                  dayCards(section, tier, tokens, parts, item, cards);
                  return tokens;
                });
          }
        });
  }

  private void dayCards(
      Section section,
      String tier,
      long above,
      Map<String, Node> fields,
      Node owner,
      List<RateCard> cards) {
    Node own = fields.get("rates");
    if (own == null) {
      faults.add(line(owner), section.key + ": rates is required");
    } else {
      read(fields, "rates", at -> cards.add(Cards.allDay(tier, above, rates(section, at))));
    }
    read(
        fields,
        "daily",
        list -> {
          List<RateCard> day = new ArrayList<>();
          for (Node item : sequence("daily", list)) {
            faults.tried(() -> day.add(daily(section, tier, above, item, day)));
          }
          cards.addAll(day);
        });
  }

  private RateCard daily(
      Section section, String tier, long above, Node item, List<RateCard> others) {
    Map<String, Node> parts = mapping("daily", item);
    if (!parts.keySet().equals(Set.of("from", "to", "rates"))) {
      fault(item, "daily wants from, to and rates, had " + String.join(", ", parts.keySet()));
    }
    Node from = Objects.requireNonNull(parts.get("from"));
    Node to = Objects.requireNonNull(parts.get("to"));
    int start = minute("from", from);
    int end = minute("to", to);
    if (end == 0) {
      end = Cards.DAY;
    }
    if (start == Cards.DAY || start == end || (start == 0 && end == Cards.DAY)) {
      fault(item, "daily must be a part of the day, was " + time(from) + " to " + time(to));
    }
    RateCard card =
        new RateCard(
            above, tier, start, end, rates(section, Objects.requireNonNull(parts.get("rates"))));
    for (RateCard other : others) {
      if (Cards.meet(card, other)) {
        fault(item, "daily from " + time(from) + " to " + time(to) + " overlaps another one");
      }
    }
    return card;
  }

  private List<Rate> rates(Section section, Node node) {
    List<Rate> found = new ArrayList<>();
    int before = faults.count();
    mapping("rates", node)
        .forEach(
            (key, value) -> {
              Meter meter = section.meters.get(key);
              if (meter == null) {
                faults.add(
                    keyLine(node, key),
                    "unknown rate "
                        + key
                        + " in "
                        + section.key
                        + ", known are "
                        + String.join(", ", new TreeSet<>(section.meters.keySet())));
              } else {
                faults.tried(() -> found.add(new Rate(meter, amount(key, value))));
              }
            });
    if (found.isEmpty() && faults.count() == before) {
      fault(node, "rates must not be empty");
    }
    return Cards.sorted(found);
  }

  /** A price of which nothing is known but its kind. */
  static Price blank(PriceKind kind) {
    Price price = new Price();
    price.setId("");
    price.setVersion(1);
    price.setKind(kind);
    price.setProvider("");
    price.setName("");
    price.setPurchaseOption("");
    price.setMatch(NameMatch.EXACT);
    price.setAliases(new ArrayList<>());
    price.setRegion("");
    price.setTeam("");
    price.setCustomer("");
    price.setCards(new ArrayList<>());
    price.setTierMultipliers(new ArrayList<>());
    price.setRegionMultipliers(new ArrayList<>());
    price.setDiscountMillionths(0);
    price.setCurrency(USD);
    price.setOrigin("");
    price.setAsOf("");
    return price;
  }

  /**
   * Reads an amount for a rate.
   *
   * @return in 10<sup>-12</sup> units of the currency
   * @throws PriceFileException if it is no decimal number from 0 to 1,000,000 with 12 decimals
   */
  static long pico(String key, String text, int line) {
    try {
      BigDecimal amount = new BigDecimal(text);
      if (amount.signum() < 0) {
        throw new PriceFileException(line, key + " must be >= 0, was " + text);
      }
      return Money.ofUsd(amount);
    } catch (NumberFormatException e) {
      throw new PriceFileException(line, key + " must be a decimal number, was " + text);
    } catch (ArithmeticException e) {
      throw new PriceFileException(
          line, key + " must have at most 12 decimals and be below 1000000, was " + text);
    }
  }

  /**
   * Checks a name.
   *
   * @throws PriceFileException if usage cannot have it
   */
  static String checkedName(String key, String text, int line) {
    if (text.length() > UsageRules.MAX_DIMENSION_LENGTH) {
      throw new PriceFileException(
          line,
          key
              + " must have at most "
              + UsageRules.MAX_DIMENSION_LENGTH
              + " characters, had "
              + text.length()
              + ": "
              + UsageRules.shown(text));
    }
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new PriceFileException(
          line, key + " must have no control characters, was " + UsageRules.shown(text));
    }
    return text;
  }

  /** Whether it is an ISO 4217 code. */
  static boolean isCurrency(String code) {
    return Currency.getAvailableCurrencies().stream()
        .anyMatch(known -> known.getCurrencyCode().equals(code));
  }

  private long amount(String key, Node node) {
    return pico(key, scalar(key, node), line(node));
  }

  private static BigDecimal decimal(String key, Node node) {
    try {
      return new BigDecimal(scalar(key, node));
    } catch (NumberFormatException e) {
      throw new PriceFileException(
          line(node), key + " must be a decimal number, was " + scalar(key, node));
    }
  }

  private static long factor(String key, Node node) {
    BigDecimal factor = decimal(key, node);
    if (factor.signum() <= 0 || factor.compareTo(MAX_FACTOR) > 0) {
      fault(node, key + " must be > 0 and <= 1000, was " + scalar(key, node));
    }
    return millionths(key, factor, 6, node);
  }

  private static long millionths(String key, BigDecimal number, int decimals, Node node) {
    if (number.stripTrailingZeros().scale() > decimals) {
      fault(node, key + " must have at most " + decimals + " decimals, was " + scalar(key, node));
    }
    return number.movePointRight(decimals).longValueExact();
  }

  private static long threshold(Node node) {
    try {
      long tokens = Long.parseLong(scalar("inputTokens", node));
      if (tokens > 0) {
        return tokens;
      }
    } catch (NumberFormatException e) {
      // told below, like a number that is not positive
    }
    throw new PriceFileException(
        line(node), "inputTokens must be a whole number > 0, was " + scalar("inputTokens", node));
  }

  private static int minute(String key, Node node) {
    Matcher time = TIME.matcher(scalar(key, node));
    if (time.matches()) {
      int hours = Integer.parseInt(time.group(1));
      int minutes = Integer.parseInt(time.group(2));
      if (minutes < 60 && hours * 60 + minutes <= Cards.DAY) {
        return hours * 60 + minutes;
      }
    }
    throw new PriceFileException(
        line(node), key + " must be a time (UTC) such as 16:30, was " + scalar(key, node));
  }

  private static String time(Node node) {
    return scalar("time", node);
  }

  private static String currency(Node node) {
    String code = scalar("currency", node);
    if (!isCurrency(code)) {
      fault(node, "currency must be an ISO 4217 code such as USD, was " + code);
    }
    return code;
  }

  private static String date(Node node) {
    try {
      return LocalDate.parse(scalar("asOf", node)).toString();
    } catch (DateTimeException e) {
      throw new PriceFileException(line(node), "asOf must be a date, was " + scalar("asOf", node));
    }
  }

  private static void require(String key, Node node, String expected) {
    String value = scalar(key, node);
    if (!value.equals(expected)) {
      fault(node, key + " must be " + expected + ", was " + value);
    }
  }

  private static void oneOf(String key, String value, Set<String> allowed, Node node) {
    if (!allowed.contains(value)) {
      fault(
          node,
          key + " must be one of " + String.join(", ", new TreeSet<>(allowed)) + ", was " + value);
    }
  }

  private static String name(String key, Node node) {
    return checkedName(key, scalar(key, node), line(node));
  }

  private static void bounded(String key, String name, Node node) {
    checkedName(key, name, line(node));
  }

  private static void fault(Node node, String message) {
    throw new PriceFileException(line(node), message);
  }

  /** Hands the value of a key on, if there is one; a fault in it does not hide others. */
  private void read(Map<String, Node> fields, String key, Consumer<Node> part) {
    Node node = fields.get(key);
    if (node != null) {
      faults.tried(
          () -> {
            part.accept(node);
            return node;
          });
    }
  }

  private Map<String, Node> mapping(String what, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      throw new PriceFileException(line(node), what + " must be a mapping of keys to values");
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      faults.tried(
          () -> {
            String key = scalar("a key of " + what, tuple.getKeyNode());
            if (entries.putIfAbsent(key, tuple.getValueNode()) != null) {
              fault(tuple.getKeyNode(), "key " + key + " stands twice");
            }
            return key;
          });
    }
    return entries;
  }

  private static List<Node> sequence(String key, Node node) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw new PriceFileException(line(node), key + " must be a list");
  }

  private static String scalar(String key, Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new PriceFileException(line(node), key + " must be a single value");
  }

  /** Line of a key, which its value may stand below. */
  private static int keyLine(Node mapping, String key) {
    for (NodeTuple tuple : ((MappingNode) mapping).getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode scalar && scalar.getValue().equals(key)) {
        return line(tuple.getKeyNode());
      }
    }
    return line(mapping);
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
