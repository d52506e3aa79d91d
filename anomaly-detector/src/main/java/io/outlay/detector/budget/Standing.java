package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which threshold of a budget is reached in its running period.
 *
 * @param kind what has reached it
 * @param threshold the highest that is reached; empty if none is
 * @param actualUsd spend of the period so far
 * @param forecastUsd what the spend of the whole period will come to; null while there is too
 *     little to say
 * @param asOf latest event time
 * @param wall wall-clock time
 */
public record Standing(
    Budget budget,
    Window period,
    Kind kind,
    Optional<BigDecimal> threshold,
    BigDecimal actualUsd,
    @Nullable BigDecimal forecastUsd,
    Instant asOf,
    Instant wall) {

  /** What is held against the thresholds. */
  public enum Kind {
    /** What was spent. */
    ACTUAL,
    /** What the whole period will come to. */
    FORECAST
  }

  /** Age of the data. */
  public Duration lag() {
    return asOf.isAfter(wall) ? Duration.ZERO : Duration.between(asOf, wall);
  }
}
