package io.outlay.streams.rating;

import io.outlay.money.Factor;
import io.outlay.schema.Meter;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.streams.rating.ModelNames.Reading;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  /** Names that are remembered with what was found for them; a bound on what strangers can send. */
  private static final int MAX_REMEMBERED = 20_000;

  /** The same for those who negotiated a price of one name. */
  private static final int MAX_PARTIES = 1_000;

  /** Stands for all names that a prefix may match; no name has a control character. */
  private static final String ANY_NAME = "\u0000";

  private static final Timeline[] NOWHERE = {};

  private static final Comparator<Price> BY_START = Comparator.comparingLong(PriceBook::start);

  private final Map<Subject, Timeline> exact = new HashMap<>();

  /** Prefixes by their subject without the name, longest first. */
  private final Map<Subject, List<Prefix>> prefixes = new HashMap<>();

  /** Who has negotiated prices of a name, and prefixes of a kind, whatever else they say. */
  private final Map<Named, Set<Party>> parties = new HashMap<>();

  private final Set<String> regions = new HashSet<>();
  private final boolean discounts;
  private final int size;
  private final Map<Lookup, Resolution> prices = new ConcurrentHashMap<>();
  private final Map<Lookup, Resolution> discountsFound = new ConcurrentHashMap<>();

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
    Map<Subject, List<Price>> exactly = new HashMap<>();
    Map<Subject, List<Price>> byPrefix = new HashMap<>();
    Map<String, Terms> terms = new HashMap<>();
    for (Price price : byId.values()) {
      terms.put(price.getId(), new Terms(price));
      regions.add(price.getRegion());
      party(price, price.getMatch() == NameMatch.PREFIX ? ANY_NAME : price.getName());
      price.getAliases().forEach(alias -> party(price, alias));
      Map<Subject, List<Price>> own = price.getMatch() == NameMatch.PREFIX ? byPrefix : exactly;
      put(own, Subject.of(price, price.getName()), price);
      for (String alias : new HashSet<>(price.getAliases())) {
        if (!alias.equals(price.getName()) || own == byPrefix) {
          put(exactly, Subject.of(price, alias), price);
        }
      }
    }
    exactly.forEach((subject, list) -> exact.put(subject, new Timeline(list, terms)));
    byPrefix.forEach(
        (subject, list) ->
            prefixes
                .computeIfAbsent(subject.withName(""), s -> new ArrayList<>())
                .add(new Prefix(subject.name, new Timeline(list, terms))));
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
    List<Place> places = places(lookup, false);
    String asUsed = looked(readings.get(0));
    if (!places.isEmpty() && !places.get(0).looked.startsWith(asUsed)) {
      steps.add(new Explanation.Step(asUsed, "no price", false));
    }
    for (Place place : places) {
      Terms found = place.timeline.at(timeMicros);
      steps.add(
          found != null
              ? new Explanation.Step(place.looked, "price " + found.price().getId(), true)
              : new Explanation.Step(place.looked, place.timeline.whyNotAt(timeMicros), false));
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
    return at(resolve(prices, lookup, false), timeMicros);
  }

  /** The most specific discount on usage that held at a time, or null if none did. */
  @Nullable Terms discount(Lookup lookup, long timeMicros) {
    return discounts ? at(resolve(discountsFound, lookup, true), timeMicros) : null;
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

  private Timeline[] resolve(Map<Lookup, Resolution> remembered, Lookup lookup, boolean discount) {
    // Without what no price names, so that all teams and regions share what is remembered.
    String region = regions.contains(lookup.region) ? lookup.region : "";
    Lookup anybody =
        new Lookup(
            lookup.kind, lookup.provider, lookup.name, lookup.purchaseOption, region, "", "");
    Resolution found = remembered.get(anybody);
    if (found == null) {
      found = new Resolution(timelines(anybody, discount), partiesOf(anybody, discount));
      if (remembered.size() >= MAX_REMEMBERED) {
        remembered.clear();
      }
      remembered.put(anybody, found);
    }
    String team = found.teams.contains(lookup.team) ? lookup.team : "";
    String customer = found.customers.contains(lookup.customer) ? lookup.customer : "";
    if (team.isEmpty() && customer.isEmpty()) {
      return found.list;
    }
    Party party = new Party(team, customer);
    Timeline[] negotiated = found.negotiated.get(party);
    if (negotiated == null) {
      negotiated = timelines(anybody.by(team, customer), discount);
      if (found.negotiated.size() >= MAX_PARTIES) {
        found.negotiated.clear();
      }
      found.negotiated.put(party, negotiated);
    }
    return negotiated;
  }

  private Timeline[] timelines(Lookup lookup, boolean discount) {
    List<Place> places = places(lookup, discount);
    return places.isEmpty()
        ? NOWHERE
        : places.stream().map(Place::timeline).toArray(Timeline[]::new);
  }

  /** Who may have negotiated prices of this, and perhaps some that have not. */
  private Set<Party> partiesOf(Lookup lookup, boolean discount) {
    PriceKind kind = discount ? PriceKind.DISCOUNT : lookup.kind;
    Set<Party> found = new HashSet<>(parties.getOrDefault(new Named(kind, ANY_NAME), Set.of()));
    for (Reading reading : readings(lookup)) {
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

  private static @Nullable Terms at(Timeline[] timelines, long timeMicros) {
    for (Timeline timeline : timelines) {
      Terms found = timeline.at(timeMicros);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Where the book has prices for this, whenever they hold, the most specific first. */
  private List<Place> places(Lookup lookup, boolean discount) {
    Map<Timeline, Place> places = new LinkedHashMap<>();
    List<Reading> readings = readings(lookup);
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

  private static void put(Map<Subject, List<Price>> map, Subject subject, Price price) {
    map.computeIfAbsent(subject, s -> new ArrayList<>()).add(price);
  }

  private static long start(Price price) {
    return price.getValidFromMicros() == null ? Long.MIN_VALUE : price.getValidFromMicros();
  }

  private static long end(Price price) {
    return price.getValidToMicros() == null ? Long.MAX_VALUE : price.getValidToMicros();
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
        add(found, looked(reading), region);
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
          add(
              next.timeline,
              looked(reading) + ", begins with \"" + next.prefix + "\"",
              here ? lookup.region : "");
        }
      }
    }

    private List<Prefix> prefixes(PriceKind kind, String provider, String option, String region) {
      return prefixes.getOrDefault(
          new Subject(kind, provider, "", option, region, team, customer), List.of());
    }

    private void add(Timeline timeline, String looked, String region) {
      StringBuilder where = new StringBuilder(looked);
      if (!region.isEmpty()) {
        where.append(", in ").append(region);
      }
      if (!customer.isEmpty()) {
        where.append(", negotiated by customer ").append(customer);
      }
      if (!team.isEmpty()) {
        where.append(", negotiated by team ").append(team);
      }
      places.putIfAbsent(timeline, new Place(timeline, where.toString()));
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

  private record Place(Timeline timeline, String looked) {}

  private record Named(PriceKind kind, String name) {}

  private record Party(String team, String customer) {}

  /** Timelines to ask, the most specific first: those of the list, and those of each party. */
  private static final class Resolution {
    private final Timeline[] list;
    private final Set<String> teams = new HashSet<>();
    private final Set<String> customers = new HashSet<>();
    private final Map<Party, Timeline[]> negotiated = new ConcurrentHashMap<>();

    Resolution(Timeline[] list, Set<Party> parties) {
      this.list = list;
      for (Party party : parties) {
        teams.add(party.team);
        customers.add(party.customer);
      }
    }
  }

  /** The prices of one subject, by start of validity. */
  private static final class Timeline {
    private final long[] starts;
    private final long[] ends;
    private final Terms[] terms;

    Timeline(List<Price> unordered, Map<String, Terms> byId) {
      Price[] prices = unordered.stream().sorted(BY_START).toArray(Price[]::new);
      starts = Arrays.stream(prices).mapToLong(PriceBook::start).toArray();
      ends = Arrays.stream(prices).mapToLong(PriceBook::end).toArray();
      terms = Arrays.stream(prices).map(p -> byId.get(p.getId())).toArray(Terms[]::new);
      for (int i = 1; i < prices.length; i++) {
        if (ends[i - 1] > starts[i]) {
          throw new IllegalArgumentException(
              "prices " + prices[i - 1].getId() + " and " + prices[i].getId() + " overlap");
        }
      }
    }

    @Nullable Terms at(long timeMicros) {
      int found = Arrays.binarySearch(starts, timeMicros);
      int index = found >= 0 ? found : -found - 2;
      return index >= 0 && timeMicros < ends[index] ? terms[index] : null;
    }

    /** For people, where {@link #at} finds nothing. */
    String whyNotAt(long timeMicros) {
      int next = -Arrays.binarySearch(starts, timeMicros) - 1;
      return next < terms.length
          ? "price " + terms[next].price().getId() + " begins at " + instant(starts[next])
          : "price " + terms[next - 1].price().getId() + " ended at " + instant(ends[next - 1]);
    }

    private static Instant instant(long micros) {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
  }
}
