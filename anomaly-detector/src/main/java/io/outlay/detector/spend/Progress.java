package io.outlay.detector.spend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How event time as a whole has moved on: its latest, and where it jumped, which is where all usage
 * paused. Jumps below a minute are not remembered, nor those that a later one exceeds; bounded. For
 * one thread.
 */
public final class Progress {
  private static final Duration LEAST = Duration.ofMinutes(1);
  private static final int MAX_JUMPS = 64;

  private record Jump(Duration length, Instant to) {}

  private final Deque<Jump> jumps = new ArrayDeque<>();
  private @Nullable Instant latest;
  private @Nullable Instant first;
  private boolean loading;

  /** Latest event time of all usage. */
  public Optional<Instant> latest() {
    return Optional.ofNullable(latest);
  }

  /**
   * Event time since which no pause of all usage was as long as {@code pause}; empty before the
   * first event.
   *
   * @param pause at least a minute
   */
  public Optional<Instant> steadySince(Duration pause) {
    return jumps.stream()
        .filter(jump -> jump.length.compareTo(pause) >= 0)
        .reduce((earlier, later) -> later)
        .map(Jump::to)
        .or(() -> Optional.ofNullable(first));
  }

  /**
   * Says whether what comes is the past being read. Of an hour of the past only the latest event is
   * told, so a pause is then taken to end where the hour begins.
   */
  void loading(boolean past) {
    loading = past;
  }

  /**
   * Moves on; whether it did.
   *
   * @param windowStart of the sums in which the event is
   */
  boolean advance(Instant windowStart, Instant event) {
    if (latest != null && !event.isAfter(latest)) {
      return false;
    }
    if (latest == null) {
      first = event;
    } else {
      Duration length =
          Duration.between(latest, loading && windowStart.isBefore(event) ? windowStart : event);
      if (length.compareTo(LEAST) >= 0) {
        while (!jumps.isEmpty() && jumps.getLast().length.compareTo(length) <= 0) {
          jumps.removeLast();
        }
        if (jumps.size() == MAX_JUMPS) {
          jumps.removeLast();
        }
        jumps.addLast(new Jump(length, event));
      }
    }
    latest = event;
    return true;
  }
}
