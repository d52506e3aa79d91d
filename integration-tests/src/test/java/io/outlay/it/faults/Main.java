package io.outlay.it.faults;

import java.time.Duration;

/** What {@code ./outlay bench faults} runs. Its options are those of {@link FaultOptions}. */
public final class Main {
  private static final Duration WITHIN = Duration.ofSeconds(60);

  private Main() {}

  /** Exits with 0 if nothing differs and every recovery took less than a minute, else with 1. */
  public static void main(String[] args) throws Exception {
    FaultReport report = FaultRun.run(FaultOptions.of(System.getProperties()), System.out::println);
    boolean inTime = report.slowestRecovery().compareTo(WITHIN) < 0;
    if (!inTime) {
      System.out.printf("a recovery took %d s or more%n", WITHIN.toSeconds());
    }
    System.exit(inTime && report.differences().isEmpty() ? 0 : 1);
  }
}
