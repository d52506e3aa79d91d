package io.outlay.it.faults;

import io.outlay.usage.EventKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the books must say of the events that were acknowledged: sums by minute and scope, from
 * which all others follow. Bounded by the minutes and scopes of the load.
 */
final class Oracle {
  private final Map<Cell, Sums> minutes = new HashMap<>();
  private final Map<String, String> deadLetters = new HashMap<>();
  private long facts;

  /** A minute, and the scope in it. */
  record Cell(long epochMinute, String team, String model, String feature) {}

  /** What is kept of a cell. */
  static final class Sums {
    long events;
    long unpriced;
    BigDecimal cost = BigDecimal.ZERO;
    BigDecimal avoided = BigDecimal.ZERO;

    void add(Sums other) {
      events += other.events;
      unpriced += other.unpriced;
      cost = cost.add(other.cost);
      avoided = avoided.add(other.avoided);
    }

    @Override
    public String toString() {
      return "%d events, %d unpriced, cost %s, avoided %s"
          .formatted(events, unpriced, plain(cost), plain(avoided));
    }

    private static String plain(BigDecimal amount) {
      return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
    }
  }

  /** How sums are cut. */
  interface Cut {
    /** The row that a cell belongs to, tab-separated. */
    String rowOf(Cell cell);
  }

  /** An event that was acknowledged for the first time. */
  synchronized void add(Usage usage) {
    if (usage.deadLetter().isPresent()) {
      deadLetters.put(key(usage), usage.deadLetter().get());
      return;
    }
    Sums sums =
        minutes.computeIfAbsent(
            new Cell(
                Math.floorDiv(usage.micros(), 60_000_000L),
                usage.team(),
                usage.model(),
                usage.feature()),
            cell -> new Sums());
    facts++;
    sums.events++;
    if (usage.cost() == null) {
      sums.unpriced++;
    } else {
      sums.cost = sums.cost.add(usage.cost());
    }
    sums.avoided = sums.avoided.add(usage.avoided());
  }

  synchronized long facts() {
    return facts;
  }

  /** Reason by key, in hexadecimal, of the events that are set aside however often they come. */
  synchronized Map<String, String> deadLetters() {
    return deadLetters;
  }

  /** Sums by rows. */
  synchronized Map<String, String> rows(Cut cut) {
    Map<String, Sums> rows = new TreeMap<>();
    minutes.forEach(
        (cell, sums) -> rows.computeIfAbsent(cut.rowOf(cell), row -> new Sums()).add(sums));
    Map<String, String> texts = new TreeMap<>();
    rows.forEach((row, sums) -> texts.put(row, sums.toString()));
    return texts;
  }

  /** By start of window, in seconds since 1970, and scope. */
  static Cut window(String window, ZoneId zone) {
    return cell ->
        "%d\t%s\t%s\t%s"
            .formatted(
                start(window, zone, cell.epochMinute()), cell.team(), cell.model(), cell.feature());
  }

  static String key(Usage usage) {
    return HexFormat.of().formatHex(EventKey.of(Load.SOURCE, usage.id()).toBytes());
  }

  private static long start(String window, ZoneId zone, long epochMinute) {
    Instant minute = Instant.ofEpochSecond(epochMinute * 60);
    return switch (window) {
      case "minute" -> minute.getEpochSecond();
      case "hour" -> minute.atZone(zone).truncatedTo(ChronoUnit.HOURS).toEpochSecond();
      case "day" -> minute.atZone(zone).toLocalDate().atStartOfDay(zone).toEpochSecond();
      default -> throw new IllegalArgumentException(window);
    };
  }
}
