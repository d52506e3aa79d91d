package io.outlay.it.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * How long and how hard.
 *
 * @param seed decides events, faults and when they strike
 * @param events different ones to publish, ≥ 1,000; copies and poison come on top
 * @param faults how many strike, ≥ 1
 * @param eventsPerSecond most events published a second, ≥ 1
 * @param most how long faults strike at most; what has not been published by then is left out
 * @param which matches the faults that may strike, as they are written: {@code KILL streams-app}
 * @param smallDisks whether disks are to be full too: takes the right to mount; left out where it
 *     is missing
 * @param report where a report in Markdown is written; empty for none
 */
public record FaultOptions(
    long seed,
    long events,
    int faults,
    int eventsPerSecond,
    Duration most,
    Pattern which,
    boolean smallDisks,
    Optional<Path> report) {
  private static final long SHORT_EVENTS = 40_000;
  private static final long MINUTES = 24 * 60;
  private static final int SHORT_FAULTS = 6;
  private static final int SHORT_RATE = 2_000;

  /** Checks the bounds. */
  public FaultOptions {
    if (events < 1_000 || faults < 1 || eventsPerSecond < 1) {
      throw new IllegalArgumentException(
          "faults.events must be >= 1000, faults.count and faults.rate >= 1; were "
              + events
              + ", "
              + faults
              + ", "
              + eventsPerSecond);
    }
  }

  /**
   * What {@code faults.seed}, {@code faults.events}, {@code faults.count}, {@code faults.rate},
   * {@code faults.minutes}, {@code faults.which}, {@code faults.disks} and {@code faults.report}
   * say; the short form for what they do not.
   */
  public static FaultOptions of(Properties properties) {
    return new FaultOptions(
        Long.parseLong(properties.getProperty("faults.seed", "7")),
        Long.parseLong(properties.getProperty("faults.events", Long.toString(SHORT_EVENTS))),
        Integer.parseInt(properties.getProperty("faults.count", Integer.toString(SHORT_FAULTS))),
        Integer.parseInt(properties.getProperty("faults.rate", Integer.toString(SHORT_RATE))),
        Duration.ofMinutes(
            Long.parseLong(properties.getProperty("faults.minutes", Long.toString(MINUTES)))),
        Pattern.compile(properties.getProperty("faults.which", ".*")),
        Boolean.parseBoolean(properties.getProperty("faults.disks", "false")),
        Optional.ofNullable(properties.getProperty("faults.report")).map(Path::of));
  }
}
