package io.outlay.streams.rating;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The prices of one subject, by start of validity. Immutable. */
final class Timeline {
  private final Terms[] terms;
  private final long[] starts;

  /** The last of {@link #terms}, and its start: most usage is of late, and most have no other. */
  private final Terms latest;

  private final long latestStart;

  /**
   * @param unordered at least one
   * @throws IllegalArgumentException if two overlap, naming both
   */
  Timeline(Collection<Terms> unordered) {
    terms =
        unordered.stream()
            .sorted(Comparator.comparingLong(Terms::startMicros))
            .toArray(Terms[]::new);
    starts = Arrays.stream(terms).mapToLong(Terms::startMicros).toArray();
    for (int i = 1; i < terms.length; i++) {
      if (terms[i - 1].endMicros() > starts[i]) {
        throw new IllegalArgumentException(
            "prices " + terms[i - 1].id() + " and " + terms[i].id() + " overlap");
      }
    }
    latest = terms[terms.length - 1];
    latestStart = latest.startMicros();
  }

  @Nullable Terms at(long timeMicros) {
    Terms found = latest;
    if (timeMicros < latestStart) {
      int index = Arrays.binarySearch(starts, timeMicros);
      if (index == -1) {
        return null;
      }
      found = terms[index >= 0 ? index : -index - 2];
    }
    return timeMicros < found.endMicros() ? found : null;
  }

  /** For people, where {@link #at} finds nothing. */
  String whyNotAt(long timeMicros) {
    int next = -Arrays.binarySearch(starts, timeMicros) - 1;
    return next < terms.length
        ? "price " + terms[next].id() + " begins at " + instant(starts[next])
        : "price " + terms[next - 1].id() + " ended at " + instant(terms[next - 1].endMicros());
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
