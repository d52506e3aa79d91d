package io.outlay.streams.rating;

import io.outlay.money.Factor;
import io.outlay.schema.Meter;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.streams.rating.ModelNames.Reading;
import io.outlay.streams.rating.Resolution.Party;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All prices, found by subject and time, the most specific first. Immutable: a change of prices
 * makes a new book. Safe for many threads.
 *
 * <p>Of the prices that hold at a time, the one found first in this order rates usage:
 *
 * <ol>
 *   <li>negotiated by the customer in the team, by the customer, by the team, list prices;
 *   <li>the name or an alias as it is; the name rewritten, as {@link ModelNames} says; the longest
 *       {@link NameMatch#PREFIX};
 *   <li>the region, all regions.
 * </ol>
 *
 * <p>List prices of a provider that stands in for another come last. Two prices that nothing in
 * this order tells apart must not hold at the same time.
 */
public final class PriceBook {
  /** Stands for all names that a prefix may match; no name has a control character. */
  private static final String ANY_NAME = "\u0000";

  private static final Timeline[] NOWHERE = {};

  private final Map<Subject, Timeline> exact = new HashMap<>();

  /** Prefixes by their subject without the name, longest first. */
  private final Map<Subject, List<Prefix>> prefixes = new HashMap<>();

  /** Who has negotiated prices of a name, and prefixes of a kind, whatever else they say. */
  private final Map<Named, Set<Party>> parties = new HashMap<>();

  private final Set<String> regions = new HashSet<>();

  /** Providers, purchase options and regions by themselves, to share them. */
  private final Map<String, String> texts = new HashMap<>();

  private final boolean discounts;
  private final int size;
  private final Resolutions prices = new Resolutions();
  private final Resolutions discountsFound = new Resolutions();

  /**
   * @param prices in any order; of two with the same id the higher version holds
   * @throws IllegalArgumentException if two prices that are equally specific overlap, naming both;
   *     or if a price has no meaning, naming it
   */
  public PriceBook(Collection<Price> prices) {
    Map<String, Price> byId = new HashMap<>();
    for (Price price : prices) {
      byId.merge(price.getId(), price, (a, b) -> a.getVersion() >= b.getVersion() ? a : b);
    }
    Map<Subject, List<Terms>> exactly = new HashMap<>();
    Map<Subject, List<Terms>> byPrefix = new HashMap<>();
    for (Price price : byId.values()) {
      Terms terms = new Terms(price);
      regions.add(price.getRegion());
      texts.putIfAbsent(price.getProvider(), price.getProvider());
      texts.putIfAbsent(price.getPurchaseOption(), price.getPurchaseOption());
      texts.putIfAbsent(price.getRegion(), price.getRegion());
      party(price, price.getMatch() == NameMatch.PREFIX ? ANY_NAME : price.getName());
      price.getAliases().forEach(alias -> party(price, alias));
      Map<Subject, List<Terms>> own = price.getMatch() == NameMatch.PREFIX ? byPrefix : exactly;
      put(own, Subject.of(price, price.getName()), terms);
      for (String alias : new HashSet<>(price.getAliases())) {
        if (!alias.equals(price.getName()) || own == byPrefix) {
          put(exactly, Subject.of(price, alias), terms);
        }
      }
    }
    exactly.forEach((subject, list) -> exact.put(subject, new Timeline(list)));
    byPrefix.forEach(
        (subject, list) ->
            prefixes
                .computeIfAbsent(subject.withName(""), s -> new ArrayList<>())
                .add(new Prefix(subject.name, new Timeline(list))));
    prefixes
        .values()
        .forEach(
            list -> list.sort(Comparator.comparingInt((Prefix p) -> p.prefix.length()).reversed()));
    discounts = byId.values().stream().anyMatch(p -> p.getKind() == PriceKind.DISCOUNT);
    size = byId.size();
  }

  /**
   * What a price is looked for.
   *
   * @param provider provider or cloud, empty for none
   * @param name model, GPU model, instance type, tier, {@code from>to}, path or currency
   * @param purchaseOption empty where it does not apply
   * @param region empty if unknown
   * @param team empty for list prices
   * @param customer empty for list prices
   */
  public record Lookup(
      PriceKind kind,
      String provider,
      String name,
      String purchaseOption,
      String region,
      String team,
      String customer) {
    /** The same for anybody. */
    Lookup atList() {
      return by("", "");
    }

    private Lookup by(String otherTeam, String otherCustomer) {
      return team.equals(otherTeam) && customer.equals(otherCustomer)
          ? this
          : new Lookup(kind, provider, name, purchaseOption, region, otherTeam, otherCustomer);
    }

    Lookup bought(String option) {
      return new Lookup(kind, provider, name, option, region, team, customer);
    }
  }

  /** Number of prices. */
  public int size() {
    return size;
  }

  /**
   * The list price that held at a time in all regions, or null if none did.
   *
   * @param provider provider or cloud, empty for none
   * @param name model, GPU model, instance type, tier, {@code from>to} or path
   * @param purchaseOption empty where it does not apply
   * @param timeMicros microseconds since 1970-01-01T00:00:00Z
   */
  public @Nullable Price find(
      PriceKind kind, String provider, String name, String purchaseOption, long timeMicros) {
    return find(new Lookup(kind, provider, name, purchaseOption, "", "", ""), timeMicros);
  }

  /**
   * The price that held at a time, or null if none did.
   *
   * @param timeMicros microseconds since 1970-01-01T00:00:00Z
   */
  public @Nullable Price find(Lookup lookup, long timeMicros) {
    Terms found = terms(lookup, timeMicros);
    return found == null ? null : found.price();
  }

  /**
   * How {@link #find(Lookup, long)} comes to its answer: each name that was looked for until a
   * price was found, and what was there.
   */
  public List<Explanation.Step> explain(Lookup lookup, long timeMicros) {
    List<Explanation.Step> steps = new ArrayList<>();
    List<Reading> readings = readings(lookup);
    List<Place> places = places(lookup, readings, false);
    String asUsed = looked(readings.get(0));
    if (!places.isEmpty() && !places.get(0).looked().startsWith(asUsed)) {
      steps.add(new Explanation.Step(asUsed, "no price", false));
    }
    for (Place place : places) {
      Terms found = place.timeline.at(timeMicros);
      steps.add(
          found != null
              ? new Explanation.Step(place.looked(), "price " + found.id(), true)
              : new Explanation.Step(place.looked(), place.timeline.whyNotAt(timeMicros), false));
      if (found != null) {
        return steps;
      }
    }
    for (Reading reading : readings) {
      steps.add(new Explanation.Step(looked(reading), "no price", false));
    }
    return steps;
  }

  /** As {@link #find(Lookup, long)}. */
  @Nullable Terms terms(Lookup lookup, long timeMicros) {
    return terms(prices, lookup, timeMicros, false);
  }

  /** The most specific discount on usage that held at a time, or null if none did. */
  @Nullable Terms discount(Lookup lookup, long timeMicros) {
    return discounts ? terms(discountsFound, lookup, timeMicros, true) : null;
  }

  /** USD for a unit of a currency at a time, or null if it is unknown. */
  @Nullable Factor exchangeRate(String currency, long timeMicros) {
    Terms found = exchange(currency, timeMicros);
    Terms.Card card = found == null ? null : found.card("", 0, 0);
    long pico = card == null ? Terms.MISSING : card.rate(Meter.CURRENCY_UNITS);
    return pico == Terms.MISSING ? null : Factor.of(pico, 1_000_000_000_000L);
  }

  @Nullable Terms exchange(String currency, long timeMicros) {
    return terms(new Lookup(PriceKind.EXCHANGE_RATE, "", currency, "", "", "", ""), timeMicros);
  }

  /** Number of names that are remembered with what was found for them. */
  int remembered() {
    return prices.size() + discountsFound.size();
  }

  private @Nullable Terms terms(
      Resolutions remembered, Lookup lookup, long timeMicros, boolean discount) {
    // Without what no price names, so that all teams and regions share what is remembered.
    String region = regions.contains(lookup.region) ? lookup.region : "";
    int hash = Resolution.hash(lookup, region);
    Resolution found = remembered.get(hash, lookup, region);
    if (found == null) {
      Resolution next = remembered.chain(hash);
      found = resolve(hash, anybody(lookup, region), discount, next);
      remembered.put(hash, found);
    }
    return found.at(
        lookup.team,
        lookup.customer,
        timeMicros,
        party -> {
          Lookup theirs = anybody(lookup, region).by(party.team(), party.customer());
          return timelines(theirs, readings(theirs), discount);
        });
  }

  private Lookup anybody(Lookup lookup, String region) {
    return new Lookup(
        lookup.kind,
        shared(lookup.provider),
        lookup.name,
        shared(lookup.purchaseOption),
        shared(region),
        "",
        "");
  }

  private String shared(String text) {
    return texts.getOrDefault(text, text);
  }

  private Resolution resolve(int hash, Lookup lookup, boolean discount, @Nullable Resolution next) {
    List<Reading> readings = readings(lookup);
    return new Resolution(
        hash,
        lookup,
        timelines(lookup, readings, discount),
        partiesOf(discount ? PriceKind.DISCOUNT : lookup.kind, readings),
        next);
  }

  private Timeline[] timelines(Lookup lookup, List<Reading> readings, boolean discount) {
    List<Place> places = places(lookup, readings, discount);
    return places.isEmpty()
        ? NOWHERE
        : places.stream().map(Place::timeline).toArray(Timeline[]::new);
  }

  /** Who may have negotiated prices of this, and perhaps some that have not. */
  private Set<Party> partiesOf(PriceKind kind, List<Reading> readings) {
    if (parties.isEmpty()) {
      return Set.of();
    }
    Set<Party> found = new HashSet<>(parties.getOrDefault(new Named(kind, ANY_NAME), Set.of()));
    for (Reading reading : readings) {
      found.addAll(parties.getOrDefault(new Named(kind, reading.name()), Set.of()));
    }
    return found;
  }

  private void party(Price price, String name) {
    if (!price.getTeam().isEmpty() || !price.getCustomer().isEmpty()) {
      parties
          .computeIfAbsent(new Named(price.getKind(), name), n -> new HashSet<>())
          .add(new Party(price.getTeam(), price.getCustomer()));
    }
  }

  /** Where the book has prices for this, whenever they hold, the most specific first. */
  private List<Place> places(Lookup lookup, List<Reading> readings, boolean discount) {
    Map<Timeline, Place> places = new LinkedHashMap<>();
    List<Reading> own = readings.stream().filter(reading -> !reading.standIn()).toList();
    if (!lookup.team.isEmpty() && !lookup.customer.isEmpty()) {
      level(lookup, own, lookup.team, lookup.customer, discount, places);
    }
    if (!lookup.customer.isEmpty()) {
      level(lookup, own, "", lookup.customer, discount, places);
    }
    if (!lookup.team.isEmpty()) {
      level(lookup, own, lookup.team, "", discount, places);
    }
    level(lookup, own, "", "", discount, places);
    if (!discount && own.size() < readings.size()) {
      // What was agreed with one provider says nothing about another.
      List<Reading> others = readings.stream().filter(Reading::standIn).toList();
      level(lookup, others, "", "", false, places);
    }
    return List.copyOf(places.values());
  }

  private void level(
      Lookup lookup,
      List<Reading> readings,
      String team,
      String customer,
      boolean discount,
      Map<Timeline, Place> places) {
    Finder finder = new Finder(lookup, team, customer, places);
    if (!discount) {
      finder.find(lookup.kind, readings, lookup.purchaseOption);
      return;
    }
    finder.find(PriceKind.DISCOUNT, readings, lookup.purchaseOption);
    finder.find(PriceKind.DISCOUNT, readings, "");
    List<Reading> anywhere =
        readings.stream().map(r -> new Reading("", r.name(), r.how())).distinct().toList();
    finder.find(PriceKind.DISCOUNT, anywhere, lookup.purchaseOption);
    finder.find(PriceKind.DISCOUNT, anywhere, "");
  }

  private static List<Reading> readings(Lookup lookup) {
    return lookup.kind == PriceKind.MODEL
        ? ModelNames.readings(lookup.provider, lookup.name)
        : List.of(new Reading(lookup.provider, lookup.name, ""));
  }

  private static String looked(Reading reading) {
    String subject =
        (reading.provider().isEmpty() ? "any" : reading.provider())
            + "/"
            + (reading.name().isEmpty() ? "any" : reading.name());
    return reading.how().isEmpty() ? subject : subject + ", " + reading.how();
  }

  private static void put(Map<Subject, List<Terms>> map, Subject subject, Terms terms) {
    map.computeIfAbsent(subject, s -> new ArrayList<>()).add(terms);
  }

  /** Finds what one party pays: exact names of all readings, then prefixes of all. */
  private final class Finder {
    private final Lookup lookup;
    private final String team;
    private final String customer;
    private final Map<Timeline, Place> places;

    Finder(Lookup lookup, String team, String customer, Map<Timeline, Place> places) {
      this.lookup = lookup;
      this.team = team;
      this.customer = customer;
      this.places = places;
    }

    void find(PriceKind kind, List<Reading> readings, String option) {
      for (Reading reading : readings) {
        exactly(kind, reading, option, lookup.region);
        if (!lookup.region.isEmpty()) {
          exactly(kind, reading, option, "");
        }
      }
      if (!prefixes.isEmpty()) {
        for (Reading reading : readings) {
          byPrefix(kind, reading, option);
        }
      }
    }

    private void exactly(PriceKind kind, Reading reading, String option, String region) {
      Timeline found =
          exact.get(
              new Subject(
                  kind, reading.provider(), reading.name(), option, region, team, customer));
      if (found != null) {
        add(found, reading, null, region);
      }
    }

    private void byPrefix(PriceKind kind, Reading reading, String option) {
      List<Prefix> regional = prefixes(kind, reading.provider(), option, lookup.region);
      List<Prefix> everywhere =
          lookup.region.isEmpty() ? List.of() : prefixes(kind, reading.provider(), option, "");
      int i = 0;
      int j = 0;
      // Both lists are sorted; of prefixes of the same length that of the region comes first.
      while (i < regional.size() || j < everywhere.size()) {
        boolean here =
            j == everywhere.size()
                || (i < regional.size()
                    && regional.get(i).prefix.length() >= everywhere.get(j).prefix.length());
        Prefix next = here ? regional.get(i++) : everywhere.get(j++);
        if (reading.name().startsWith(next.prefix)) {
          add(next.timeline, reading, next.prefix, here ? lookup.region : "");
        }
      }
    }

    private List<Prefix> prefixes(PriceKind kind, String provider, String option, String region) {
      return prefixes.getOrDefault(
          new Subject(kind, provider, "", option, region, team, customer), List.of());
    }

    private void add(Timeline timeline, Reading reading, @Nullable String prefix, String region) {
      places.putIfAbsent(timeline, new Place(timeline, reading, prefix, region, team, customer));
    }
  }

  private record Subject(
      PriceKind kind,
      String provider,
      String name,
      String purchaseOption,
      String region,
      String team,
      String customer) {
    static Subject of(Price price, String name) {
      return new Subject(
          price.getKind(),
          price.getProvider(),
          name,
          price.getPurchaseOption(),
          price.getRegion(),
          price.getTeam(),
          price.getCustomer());
    }

    Subject withName(String other) {
      return new Subject(kind, provider, other, purchaseOption, region, team, customer);
    }
  }

  private record Prefix(String prefix, Timeline timeline) {}

  /**
   * Where a timeline was found.
   *
   * @param prefix that the name begins with; null where the whole name was found
   * @param region empty for all, as are team and customer
   */
  private record Place(
      Timeline timeline,
      Reading reading,
      @Nullable String prefix,
      String region,
      String team,
      String customer) {
    /** For people. */
    String looked() {
      StringBuilder where = new StringBuilder(PriceBook.looked(reading));
      if (prefix != null) {
        where.append(", begins with \"").append(prefix).append('"');
      }
      if (!region.isEmpty()) {
        where.append(", in ").append(region);
      }
      if (!customer.isEmpty()) {
        where.append(", negotiated by customer ").append(customer);
      }
      if (!team.isEmpty()) {
        where.append(", negotiated by team ").append(team);
      }
      return where.toString();
    }
  }

  private record Named(PriceKind kind, String name) {}
}
