package io.outlay.price;

import io.outlay.money.Money;
import io.outlay.schema.Meter;
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
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
 * Reads a price file in the format {@code outlay-prices/1}, described in {@code docs/prices.md}.
 * Amounts are read as decimal text, never through a floating-point number. A later {@code from} of
 * the same subject ends the validity of the former price.
 */
public final class PriceFile {
  /** Value of {@code format} that this class reads. */
  public static final String FORMAT = "outlay-prices/1";

  private static final String DEFAULT_RESOURCE = "default-prices.yaml";

  private static final Map<String, Meter> MODEL_METERS = new LinkedHashMap<>();

  static {
    MODEL_METERS.put("input", Meter.INPUT_TOKENS);
    MODEL_METERS.put("cacheRead", Meter.CACHE_READ_TOKENS);
    MODEL_METERS.put("cacheWrite5m", Meter.CACHE_WRITE_5M_TOKENS);
    MODEL_METERS.put("cacheWrite1h", Meter.CACHE_WRITE_1H_TOKENS);
    MODEL_METERS.put("output", Meter.OUTPUT_TOKENS);
    MODEL_METERS.put("reasoning", Meter.REASONING_TOKENS);
    MODEL_METERS.put("inputAudio", Meter.INPUT_AUDIO_TOKENS);
    MODEL_METERS.put("outputAudio", Meter.OUTPUT_AUDIO_TOKENS);
    MODEL_METERS.put("inputImage", Meter.INPUT_IMAGE_TOKENS);
    MODEL_METERS.put("outputImage", Meter.OUTPUT_IMAGE_TOKENS);
    MODEL_METERS.put("requests", Meter.REQUESTS);
    MODEL_METERS.put("webSearches", Meter.WEB_SEARCHES);
  }

  /** How the entries of one section become prices. */
  private enum Section {
    MODELS(
        "models",
        PriceKind.MODEL,
        "provider",
        Set.of("provider", "model"),
        Set.of("above"),
        MODEL_METERS),
    GPUS(
        "gpus",
        PriceKind.GPU,
        "cloud",
        Set.of("gpuModel", "purchaseOption"),
        Set.of("cloud"),
        Map.of("hour", Meter.GPU_HOURS)),
    COMPUTE(
        "compute",
        PriceKind.COMPUTE,
        "cloud",
        Set.of("purchaseOption"),
        Set.of("cloud", "instanceType"),
        Map.of(
            "hour", Meter.INSTANCE_HOURS,
            "cpuHour", Meter.CPU_HOURS,
            "memoryGbHour", Meter.MEMORY_GB_HOURS)),
    STORAGE(
        "storage",
        PriceKind.STORAGE,
        "cloud",
        Set.of("tier"),
        Set.of("cloud"),
        Map.of("gbMonth", Meter.STORAGE_GB_MONTHS)),
    MOVES(
        "moves",
        PriceKind.STORAGE_MOVE,
        "cloud",
        Set.of("fromTier", "toTier"),
        Set.of("cloud"),
        Map.of("gb", Meter.MOVED_GB)),
    NETWORK(
        "network",
        PriceKind.NETWORK,
        "cloud",
        Set.of("path"),
        Set.of("cloud"),
        Map.of("gb", Meter.TRANSFERRED_GB));

    private final String key;
    private final PriceKind kind;
    private final String providerKey;
    private final Set<String> required;
    private final Set<String> optional;
    private final Map<String, Meter> meters;

    Section(
        String key,
        PriceKind kind,
        String providerKey,
        Set<String> required,
        Set<String> optional,
        Map<String, Meter> meters) {
      this.key = key;
      this.kind = kind;
      this.providerKey = providerKey;
      this.required = required;
      this.optional = optional;
      this.meters = meters;
    }

    private String name(Map<String, Node> entry) {
      return switch (this) {
        case MODELS -> text(entry, "model");
        case GPUS -> text(entry, "gpuModel");
        case COMPUTE -> text(entry, "instanceType");
        case STORAGE -> text(entry, "tier");
        case MOVES -> text(entry, "fromTier") + ">" + text(entry, "toTier");
        case NETWORK -> text(entry, "path");
      };
    }
  }

  private final String origin;
  private String asOf = "";

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
   * @throws PriceFileException at the first fault, with its line
   */
  public static List<Price> read(Reader reader, String origin) {
    Node root;
    try {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
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

  private List<Price> prices(Node root) {
    Map<String, Node> top = mapping(root);
    if (top.containsKey("asOf")) {
      asOf = date(top.get("asOf"));
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, Node> part : top.entrySet()) {
      switch (part.getKey()) {
        case "format" -> require(part, FORMAT);
        case "currency" -> require(part, "USD");
        case "asOf" -> {
          // read above: it holds for all sections, wherever it stands
        }
        default -> {
          Section section = section(root, part.getKey());
          for (Node node : sequence(part.getValue())) {
            entries.add(entry(section, node));
          }
        }
      }
    }
    if (!top.containsKey("format")) {
      throw new PriceFileException(1, "format is required: " + FORMAT);
    }
    return withEnds(entries);
  }

  private static Section section(Node root, String key) {
    for (Section section : Section.values()) {
      if (section.key.equals(key)) {
        return section;
      }
    }
    throw new PriceFileException(keyLine(root, key), "unknown key " + key);
  }

  private Entry entry(Section section, Node node) {
    Map<String, Node> fields = mapping(node);
    for (String key : fields.keySet()) {
      if (!key.equals("from")
          && !key.equals("to")
          && !key.equals("rates")
          && !section.required.contains(key)
          && !section.optional.contains(key)) {
        throw new PriceFileException(
            keyLine(node, key), "unknown key " + key + " in " + section.key);
      }
    }
    for (String key : section.required) {
      if (text(fields, key).isEmpty()) {
        throw new PriceFileException(line(node), section.key + ": " + key + " is required");
      }
    }
    String purchaseOption = text(fields, "purchaseOption");
    if (!purchaseOption.isEmpty() && !UsageRules.PURCHASE_OPTIONS.contains(purchaseOption)) {
      throw new PriceFileException(
          line(node), "purchaseOption must be on_demand, spot or reserved, was " + purchaseOption);
    }
    List<RateCard> cards = new ArrayList<>();
    cards.add(card(section, 0, fields.get("rates"), node));
    if (fields.containsKey("above")) {
      for (Node above : sequence(fields.get("above"))) {
        Map<String, Node> parts = mapping(above);
        Node threshold = parts.get("inputTokens");
        if (threshold == null || parts.size() != 2) {
          throw new PriceFileException(line(above), "above wants inputTokens and rates, no more");
        }
        long tokens = threshold(threshold);
        if (cards.stream().anyMatch(card -> card.getAboveInputTokens() == tokens)) {
          throw new PriceFileException(
              line(above), "a second card above " + tokens + " inputTokens");
        }
        cards.add(card(section, tokens, parts.get("rates"), above));
      }
    }
    cards.sort(Comparator.comparingLong(RateCard::getAboveInputTokens));
    Price price = new Price();
    price.setKind(section.kind);
    price.setProvider(text(fields, section.providerKey));
    price.setName(section.name(fields));
    price.setPurchaseOption(purchaseOption);
    price.setValidFromMicros(instant(fields, "from"));
    price.setValidToMicros(instant(fields, "to"));
    price.setCards(cards);
    price.setCurrency("USD");
    price.setOrigin(origin);
    price.setAsOf(asOf);
    price.setVersion(1);
    price.setId(
        fields.containsKey("from")
            ? subject(price) + "@" + scalar(fields.get("from"))
            : subject(price));
    return new Entry(price, line(node));
  }

  /** What a price is for, as the first part of its id. */
  static String subject(Price price) {
    StringBuilder id = new StringBuilder();
    if (price.getKind() != PriceKind.MODEL) {
      id.append(price.getKind().name().toLowerCase(java.util.Locale.ROOT)).append(':');
    }
    id.append(price.getProvider().isEmpty() ? "any" : price.getProvider());
    id.append('/').append(price.getName().isEmpty() ? "any" : price.getName());
    if (!price.getPurchaseOption().isEmpty()) {
      id.append('/').append(price.getPurchaseOption());
    }
    return id.toString();
  }

  private static RateCard card(Section section, long above, @Nullable Node rates, Node owner) {
    if (rates == null) {
      throw new PriceFileException(line(owner), section.key + ": rates is required");
    }
    List<Rate> found = new ArrayList<>();
    for (Map.Entry<String, Node> rate : mapping(rates).entrySet()) {
      Meter meter = section.meters.get(rate.getKey());
      if (meter == null) {
        throw new PriceFileException(
            keyLine(rates, rate.getKey()),
            "unknown rate "
                + rate.getKey()
                + " in "
                + section.key
                + ", known are "
                + String.join(", ", section.meters.keySet().stream().sorted().toList()));
      }
      found.add(new Rate(meter, amount(rate.getKey(), rate.getValue())));
    }
    if (found.isEmpty()) {
      throw new PriceFileException(line(rates), "rates must not be empty");
    }
    found.sort(Comparator.comparing(Rate::getMeter));
    return new RateCard(above, "", found);
  }

  private static List<Price> withEnds(List<Entry> entries) {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(
        Comparator.comparing((Entry e) -> subject(e.price))
            .thenComparing(
                e ->
                    e.price.getValidFromMicros() == null
                        ? Long.MIN_VALUE
                        : e.price.getValidFromMicros()));
    List<Price> prices = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      Price price = sorted.get(i).price;
      if (i + 1 < sorted.size() && subject(sorted.get(i + 1).price).equals(subject(price))) {
        Entry next = sorted.get(i + 1);
        Long start = next.price.getValidFromMicros();
        if (Objects.equals(start, price.getValidFromMicros())) {
          throw new PriceFileException(next.line, "a second price for " + next.price.getId());
        }
        if (price.getValidToMicros() == null) {
          price.setValidToMicros(start);
        } else if (price.getValidToMicros() > start) {
          throw new PriceFileException(
              next.line, next.price.getId() + " overlaps " + price.getId() + ", which ends later");
        }
      }
      if (price.getValidToMicros() != null
          && price.getValidFromMicros() != null
          && price.getValidToMicros() <= price.getValidFromMicros()) {
        throw new PriceFileException(sorted.get(i).line, price.getId() + " ends before it starts");
      }
      prices.add(price);
    }
    prices.sort(Comparator.comparing(Price::getId));
    return prices;
  }

  private static long amount(String name, Node node) {
    String text = scalar(node);
    try {
      BigDecimal amount = new BigDecimal(text);
      if (amount.signum() < 0) {
        throw new PriceFileException(line(node), name + " must be >= 0, was " + text);
      }
      return Money.ofUsd(amount);
    } catch (NumberFormatException e) {
      throw new PriceFileException(line(node), name + " must be a decimal number, was " + text);
    } catch (ArithmeticException e) {
      throw new PriceFileException(
          line(node), name + " must have at most 12 decimals and be below 1000000, was " + text);
    }
  }

  private static long threshold(Node node) {
    try {
      long tokens = Long.parseLong(scalar(node));
      if (tokens > 0) {
        return tokens;
      }
    } catch (NumberFormatException e) {
      // told below, like a number that is not positive
    }
    throw new PriceFileException(
        line(node), "inputTokens must be a whole number > 0, was " + scalar(node));
  }

  private static @Nullable Long instant(Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    if (node == null) {
      return null;
    }
    String text = scalar(node);
    try {
      Instant instant =
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : Instant.parse(text);
      return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    } catch (DateTimeException | ArithmeticException e) {
      throw new PriceFileException(
          line(node),
          key
              + " must be a date such as 2026-11-21 or an instant such as 2026-11-21T02:00:00Z, was "
              + text);
    }
  }

  private static String date(Node node) {
    try {
      return LocalDate.parse(scalar(node)).toString();
    } catch (DateTimeException e) {
      throw new PriceFileException(line(node), "asOf must be a date, was " + scalar(node));
    }
  }

  private static void require(Map.Entry<String, Node> part, String expected) {
    String value = scalar(part.getValue());
    if (!value.equals(expected)) {
      throw new PriceFileException(
          line(part.getValue()), part.getKey() + " must be " + expected + ", was " + value);
    }
  }

  private static Map<String, Node> mapping(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      throw new PriceFileException(line(node), "must be a mapping of keys to values");
    }
    Map<String, Node> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = scalar(tuple.getKeyNode());
      if (entries.put(key, tuple.getValueNode()) != null) {
        throw new PriceFileException(line(tuple.getKeyNode()), "key " + key + " stands twice");
      }
    }
    return entries;
  }

  private static List<Node> sequence(Node node) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw new PriceFileException(line(node), "must be a list");
  }

  private static String text(Map<String, Node> fields, String key) {
    Node node = fields.get(key);
    return node == null ? "" : scalar(node);
  }

  private static String scalar(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new PriceFileException(line(node), "must be a single value");
  }

  /** Line of a key, which its value may stand below. */
  private static int keyLine(Node mapping, String key) {
    for (NodeTuple tuple : ((MappingNode) mapping).getValue()) {
      if (scalar(tuple.getKeyNode()).equals(key)) {
        return line(tuple.getKeyNode());
      }
    }
    return line(mapping);
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  private record Entry(Price price, int line) {}
}
