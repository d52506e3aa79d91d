package io.outlay.streams.rating;

import io.outlay.schema.PriceKind;
import io.outlay.streams.rating.PriceBook.Lookup;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was found for a subject: timelines to ask, the most specific first, at list prices and for
 * each of those who negotiated. Subject, answer and the link to the next are one object, because it
 * is read from memory for every event. Safe for many threads.
 */
final class Resolution {
  /** The most parties that are remembered for a subject; a bound on what strangers can send. */
  private static final int MAX_PARTIES = 1_000;

  private final int hash;
  private final PriceKind kind;
  private final String provider;
  private final String name;
  private final String purchaseOption;
  private final String region;
  private final Timeline[] list;

  /** The only element of {@link #list}, null if it has none or more. */
  private final @Nullable Timeline only;

  /** Null where nobody negotiated. */
  private final @Nullable Negotiated negotiated;

  /** Another one in the same slot of {@link Resolutions}. */
  private final @Nullable Resolution next;

  /** A team and a customer, either of them empty for none. */
  record Party(String team, String customer) {}

  private record Negotiated(
      Set<String> teams, Set<String> customers, Map<Party, Timeline[]> timelines) {}

  /**
   * @param hash of the subject, as {@link #hash} has it
   * @param subject with texts that are shared with other subjects where they can be
   * @param parties who may have negotiated, and perhaps some that have not
   */
  Resolution(
      int hash, Lookup subject, Timeline[] list, Set<Party> parties, @Nullable Resolution next) {
    this.hash = hash;
    this.kind = subject.kind();
    this.provider = subject.provider();
    this.name = subject.name();
    this.purchaseOption = subject.purchaseOption();
    this.region = subject.region();
    this.list = list;
    this.only = list.length == 1 ? list[0] : null;
    this.negotiated =
        parties.isEmpty()
            ? null
            : new Negotiated(
                parties.stream().map(Party::team).collect(Collectors.toUnmodifiableSet()),
                parties.stream().map(Party::customer).collect(Collectors.toUnmodifiableSet()),
                new ConcurrentHashMap<>());
    this.next = next;
  }

  /**
   * Of a subject, whoever it is for.
   *
   * @param region in place of the lookup's
   */
  static int hash(Lookup lookup, String region) {
    int hash = lookup.name().hashCode();
    hash = 31 * hash + lookup.provider().hashCode();
    hash = 31 * hash + lookup.purchaseOption().hashCode();
    hash = 31 * hash + region.hashCode();
    return 31 * hash + lookup.kind().ordinal();
  }

  /** Whether it is of this subject, whoever the lookup is for. */
  boolean isOf(int otherHash, Lookup lookup, String otherRegion) {
    return hash == otherHash
        && kind == lookup.kind()
        && name.equals(lookup.name())
        && provider.equals(lookup.provider())
        && purchaseOption.equals(lookup.purchaseOption())
        && region.equals(otherRegion);
  }

  @Nullable Resolution next() {
    return next;
  }

  /**
   * The terms that hold for somebody at a time, or null if none do.
   *
   * @param find finds the timelines for one who may have negotiated
   */
  @Nullable Terms at(
      String team, String customer, long timeMicros, Function<Party, Timeline[]> find) {
    if (negotiated == null) {
      return only == null ? first(list, timeMicros) : only.at(timeMicros);
    }
    Party party =
        new Party(
            negotiated.teams.contains(team) ? team : "",
            negotiated.customers.contains(customer) ? customer : "");
    if (party.team.isEmpty() && party.customer.isEmpty()) {
      return first(list, timeMicros);
    }
    Timeline[] found = negotiated.timelines.get(party);
    if (found == null) {
      found = find.apply(party);
      if (negotiated.timelines.size() >= MAX_PARTIES) {
        negotiated.timelines.clear();
      }
      negotiated.timelines.put(party, found);
    }
    return first(found, timeMicros);
  }

  private static @Nullable Terms first(Timeline[] timelines, long timeMicros) {
    for (Timeline timeline : timelines) {
      Terms found = timeline.at(timeMicros);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
