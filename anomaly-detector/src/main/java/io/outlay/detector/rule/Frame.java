package io.outlay.detector.rule;

import io.outlay.detector.spend.Stretch;
import io.outlay.detector.spend.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A window that slides with event time, and the earlier ones at the same time of day. Windows of an
 * hour or less consist of minutes, the latest included; longer ones of whole local hours and the
 * running one, and so are up to an hour longer than asked for. Earlier windows consist of the local
 * hours that the window touches.
 *
 * @param asOf event time up to which it goes
 * @param now the window
 * @param earlier the same part of earlier windows, latest first
 * @param allEarlier all of them as one
 */
record Frame(Window window, Instant asOf, Stretch now, List<Stretch> earlier, Stretch allEarlier) {
  private static final Duration HOUR = Duration.ofHours(1);

  /** Whether windows of this length consist of minutes. */
  static boolean isOfMinutes(Duration length) {
    return length.compareTo(HOUR) <= 0;
  }

  /**
   * The window that ends with an event.
   *
   * @param baselineDays days that earlier windows are taken from; 0 for none
   */
  static Frame endingAt(Instant event, ZoneId zone, Duration length, int baselineDays) {
    Instant end = event.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    Instant start =
        isOfMinutes(length)
            ? end.minus(length)
            : event.minus(length).atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
    return of(new Window(zone, start, end), event, length, baselineDays);
  }

  /** A given window. */
  static Frame of(Window window, Instant asOf, Duration length, int baselineDays) {
    int step = step(length);
    List<Stretch> earlier = new ArrayList<>();
    for (int i = 1; i * step <= baselineDays; i++) {
      earlier.add(
          Stretch.ofHours(
              window.zone(),
              daysBefore(window, window.start(), i * step),
              daysBefore(window, window.end(), i * step)));
    }
    return new Frame(
        window,
        asOf,
        stretch(window, window.start(), window.end(), length),
        List.copyOf(earlier),
        Stretch.ofAll(earlier));
  }

  /** Days from a window to the one before at the same time of day. */
  static int step(Duration length) {
    return Math.max(1, Math.toIntExact(length.toDays()));
  }

  /** Earlier windows that must have something, for so many days of history. */
  static int windows(int minHistoryDays, MeanRatioRule.Options options) {
    int step = step(options.window());
    int all = Math.max(1, options.baselineDays() / step);
    return Math.min(all, (minHistoryDays + step - 1) / step);
  }

  /** The window in so many parts of the same length, in their order. */
  List<Stretch> parts(int count, Duration length) {
    Duration part = Duration.between(window.start(), window.end()).dividedBy(count);
    List<Stretch> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Instant from = window.start().plus(part.multipliedBy(i));
      Instant to = i == count - 1 ? window.end() : from.plus(part);
      parts.add(stretch(window, from, to, length));
    }
    return List.copyOf(parts);
  }

  private static Stretch stretch(Window window, Instant from, Instant to, Duration length) {
    return isOfMinutes(length)
        ? Stretch.ofMinutes(from, to)
        : Stretch.ofHours(window.zone(), from, to);
  }

  private static Instant daysBefore(Window window, Instant time, int days) {
    return time.atZone(window.zone()).minusDays(days).toInstant();
  }
}
