package io.outlay.streams.replay;

import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.dedupe.InTime;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.usage.UsageRules;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Whether a usage record would be set aside again if it came now, with its right key. */
final class Outlook {
  private final Rater rater;
  private final long nowMicros;
  private final InTime inTime;

  /**
   * @param retention how late an event may be
   */
  Outlook(PriceBook book, Instant now, Duration retention) {
    this.rater = new Rater(book);
    this.nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
    this.inTime = new InTime(retention);
  }

  /**
   * The reason that it would get; null if it would be counted. The checks and their order are those
   * of the topology.
   *
   * @param event null if it cannot be read
   */
  @Nullable DeadLetterReason of(@Nullable UsageEvent event) {
    if (event == null) {
      return DeadLetterReason.UNREADABLE;
    }
    if (UsageRules.check(event) != null
        || inTime.isTooEarly(event.getEventTimeMicros(), nowMicros)) {
      return DeadLetterReason.INVALID;
    }
    if (inTime.isTooLate(event.getEventTimeMicros(), nowMicros)) {
      return DeadLetterReason.TOO_LATE;
    }
    try {
      var unused = rater.rate(event, nowMicros);
      return null;
    } catch (ArithmeticException e) {
      return DeadLetterReason.COST_OUT_OF_RANGE;
    }
  }
}
