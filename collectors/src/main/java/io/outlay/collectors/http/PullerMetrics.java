package io.outlay.collectors.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.outlay.collectors.pull.PullMetrics;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts readings and slots by target: {@code outlay_puller_readings_total} by outcome {@code ok}
 * or {@code failed}, {@code outlay_puller_slots_missed_total}, and {@code
 * outlay_puller_last_success_age_seconds}. What becomes of the events that readings hold is counted
 * like that of requests, under the formats {@code dcgm} and {@code inventory}. The age of the last
 * success counts from the start where there was none yet, so that a target that never answers is
 * seen too.
 */
final class PullerMetrics implements PullMetrics {
  private final MeterRegistry registry;
  private final InstantSource clock;
  private final ConcurrentMap<String, AtomicLong> lastSuccess = new ConcurrentHashMap<>();

  PullerMetrics(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  @Override
  public void watched(String kind, String target) {
    readings(kind, target, "ok").increment(0);
    readings(kind, target, "failed").increment(0);
    missedSlots(kind, target).increment(0);
    AtomicLong last = new AtomicLong(clock.millis());
    lastSuccess.put(kind + ":" + target, last);
    TimeGauge.builder(
            "outlay.puller.last.success.age",
            last,
            TimeUnit.MILLISECONDS,
            since -> clock.millis() - since.get())
        .description("Since the target was last read and that acknowledged")
        .tag("kind", kind)
        .tag("target", target)
        .register(registry);
  }

  @Override
  public void succeeded(String kind, String target) {
    readings(kind, target, "ok").increment();
    AtomicLong last = lastSuccess.get(kind + ":" + target);
    if (last != null) {
      last.set(clock.millis());
    }
  }

  @Override
  public void failed(String kind, String target) {
    readings(kind, target, "failed").increment();
  }

  @Override
  public void missed(String kind, String target, long slots) {
    missedSlots(kind, target).increment(slots);
  }

  private Counter readings(String kind, String target, String outcome) {
    return Counter.builder("outlay.puller.readings")
        .description("Attempts to read a target")
        .tag("kind", kind)
        .tag("target", target)
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter missedSlots(String kind, String target) {
    return Counter.builder("outlay.puller.slots.missed")
        .description("Slots that went by without a reading; nothing is booked for them")
        .tag("kind", kind)
        .tag("target", target)
        .register(registry);
  }
}
