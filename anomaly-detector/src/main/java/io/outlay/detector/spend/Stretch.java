package io.outlay.detector.spend;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;

/** A run of whole minutes or of whole local hours, as sums are kept by. */
public final class Stretch {
  private static final long SECONDS_PER_MINUTE = 60;

  private final boolean minutes;

  /** Epoch days of hours; of minutes, the first and the one after the last. */
  private final int[] at;

  /** Slots of hours in their days. */
  private final int[] slots;

  private Stretch(boolean minutes, int[] at, int[] slots) {
    this.minutes = minutes;
    this.at = at;
    this.slots = slots;
  }

  /** The minutes that begin in {@code [from, to)}; known only for the last ones. */
  public static Stretch ofMinutes(Instant from, Instant to) {
    int first = minute(from);
    return new Stretch(true, new int[] {first, Math.max(first, minute(to))}, new int[0]);
  }

  /** The local hours that {@code [from, to)} touches. */
  public static Stretch ofHours(ZoneId zone, Instant from, Instant to) {
    int[] days = new int[24];
    int[] slots = new int[24];
    int size = 0;
    ZonedDateTime hour = hour(from.atZone(zone));
    while (hour.toInstant().isBefore(to)) {
      if (size == days.length) {
        days = Arrays.copyOf(days, 2 * size);
        slots = Arrays.copyOf(slots, 2 * size);
      }
      days[size] = day(hour);
      slots[size] = slot(hour);
      size++;
      hour = hour(hour.plusHours(1));
    }
    return new Stretch(false, Arrays.copyOf(days, size), Arrays.copyOf(slots, size));
  }

  /** This and others as one; all of hours. */
  public static Stretch ofAll(List<Stretch> stretches) {
    int[] days = stretches.stream().flatMapToInt(stretch -> Arrays.stream(stretch.at)).toArray();
    int[] slots =
        stretches.stream().flatMapToInt(stretch -> Arrays.stream(stretch.slots)).toArray();
    return new Stretch(false, days, slots);
  }

  boolean isOfMinutes() {
    return minutes;
  }

  int firstMinute() {
    return at[0];
  }

  int endMinute() {
    return at[1];
  }

  /** Hours in it. */
  public int hours() {
    return slots.length;
  }

  int day(int i) {
    return at[i];
  }

  int slot(int i) {
    return slots[i];
  }

  /** Whether an hour is of another day than the one before it. */
  boolean beginsDay(int i) {
    return i == 0 || at[i] != at[i - 1];
  }

  /** Minutes since 1970. */
  static int minute(Instant time) {
    return Math.toIntExact(Math.floorDiv(time.getEpochSecond(), SECONDS_PER_MINUTE));
  }

  static int day(ZonedDateTime time) {
    return Math.toIntExact(time.toLocalDate().toEpochDay());
  }

  /** Local hour, and 24 more in the second run of an hour that the clock runs through twice. */
  static int slot(ZonedDateTime time) {
    ZoneId zone = time.getZone();
    if (zone.getRules().isFixedOffset()) {
      return time.getHour();
    }
    LocalDateTime local = time.toLocalDateTime();
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
    boolean again = offsets.size() == 2 && time.getOffset().equals(offsets.get(1));
    return time.getHour() + (again ? HourlySpend.HOURS : 0);
  }

  private static ZonedDateTime hour(ZonedDateTime time) {
    return time.minusNanos(
        time.getMinute() * 60_000_000_000L + time.getSecond() * 1_000_000_000L + time.getNano());
  }
}
