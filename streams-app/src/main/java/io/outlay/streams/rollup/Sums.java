package io.outlay.streams.rollup;

import io.outlay.money.Factor;
import io.outlay.money.Money;
import io.outlay.money.WideSum;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.CostRollup;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.TokenTotals;
import java.util.Map;

/**
 * Everything that is added up over the facts of a window and a scope. What {@code
 * ClickHouseFacts.wrongRollups} sums up in SQL is the same. Mutable, for one thread.
 */
final class Sums {
  /** How a call ends that went well; whoever does not say how it ended says nothing. */
  private static final String OK = "ok";

  private static final int MILLION = 1_000_000;
  private static final int MICROS_PER_MILLI = 1_000;

  private final WideSum cost = new WideSum();
  private final WideSum listCost = new WideSum();
  private final WideSum avoided = new WideSum();
  private final WideSum gpuIdle = new WideSum();
  private long events;
  private long unpriced;
  private long requests;
  private long inputTokens;
  private long outputTokens;
  private long lastEventMicros = Long.MIN_VALUE;
  private long statusEvents;
  private long errors;
  private long latencyEvents;
  private long latencyMillis;
  private long gpuMillis;
  private long gpuMeasuredMillis;
  private long gpuBusyMillis;
  private long cacheLookups;
  private long cacheHits;
  private long scoreEvents;
  private long scoreMillionths;

  /** Adds a fact. */
  void add(UsageEvent event, Rating rating) {
    events++;
    amounts(event, rating, 1);
    Object detail = event.getDetail();
    if (detail instanceof LlmUsage llm) {
      call(llm);
    } else if (detail instanceof GpuUsage gpu) {
      accelerator(gpu);
    } else if (detail instanceof CacheLookup lookup) {
      cacheLookups++;
      cacheHits += lookup.getHit() ? 1 : 0;
    } else if (detail instanceof QualityScore score) {
      scoreEvents++;
      scoreMillionths += score.getScoreMillionths();
    }
    lastEventMicros = Math.max(lastEventMicros, event.getEventTimeMicros());
  }

  /** Replaces the rating of a fact, which changes nothing but amounts. */
  void replace(UsageEvent event, Rating former, Rating rating) {
    amounts(event, former, -1);
    amounts(event, rating, 1);
    lastEventMicros = Math.max(lastEventMicros, event.getEventTimeMicros());
  }

  private void call(LlmUsage llm) {
    requests += llm.getRequests();
    inputTokens += TokenTotals.input(llm.getTokens());
    outputTokens += TokenTotals.output(llm.getTokens());
    if (!llm.getStatus().isEmpty()) {
      statusEvents++;
      errors += llm.getStatus().equals(OK) ? 0 : 1;
    }
    Long latency = llm.getLatencyMs();
    if (latency != null) {
      latencyEvents++;
      latencyMillis += latency;
    }
  }

  private void accelerator(GpuUsage gpu) {
    long millis = (gpu.getGpuMicros() + MICROS_PER_MILLI / 2) / MICROS_PER_MILLI;
    gpuMillis += millis;
    Integer utilization = gpu.getUtilizationMillionths();
    if (utilization != null) {
      gpuMeasuredMillis += millis;
      // At most 10^12 milliseconds times 10^6: fits.
      gpuBusyMillis += (millis * utilization + MILLION / 2) / MILLION;
    }
  }

  private void amounts(UsageEvent event, Rating rating, int sign) {
    unpriced += rating.status() == PricingStatus.UNPRICED ? sign : 0;
    cost.add(sign * rating.costPico());
    listCost.add(sign * rating.listCostPico());
    if (rating.avoidedCostPico() != null) {
      avoided.add(sign * rating.avoidedCostPico());
    }
    if (event.getDetail() instanceof GpuUsage gpu && gpu.getUtilizationMillionths() != null) {
      gpuIdle.add(sign * idlePico(rating.costPico(), gpu.getUtilizationMillionths()));
    }
  }

  /** {@code cost × (1 − utilisation)}, rounded half even. */
  private static long idlePico(long costPico, int utilizationMillionths) {
    return Money.scale(costPico, Factor.ofMillionths(MILLION - utilizationMillionths));
  }

  /** The sums as a change of a minute, with revision 0. */
  CostRollup toRollup(long minute, String team, String model, String feature) {
    return new CostRollup(
        RollupWindow.MINUTE,
        minute,
        team,
        model,
        feature,
        events,
        unpriced,
        cost.toUsd(),
        listCost.toUsd(),
        avoided.toUsd(),
        requests,
        inputTokens,
        outputTokens,
        0L,
        lastEventMicros,
        statusEvents,
        errors,
        latencyEvents,
        latencyMillis,
        gpuMillis,
        gpuMeasuredMillis,
        gpuBusyMillis,
        gpuIdle.toUsd(),
        cacheLookups,
        cacheHits,
        scoreEvents,
        scoreMillionths);
  }

  /** The same of a scope of a cut. */
  ScopeRollup toRollup(long minute, Map<String, String> scope) {
    return new ScopeRollup(
        RollupWindow.MINUTE,
        minute,
        scope,
        events,
        unpriced,
        cost.toUsd(),
        listCost.toUsd(),
        avoided.toUsd(),
        requests,
        inputTokens,
        outputTokens,
        0L,
        lastEventMicros,
        statusEvents,
        errors,
        latencyEvents,
        latencyMillis,
        gpuMillis,
        gpuMeasuredMillis,
        gpuBusyMillis,
        gpuIdle.toUsd(),
        cacheLookups,
        cacheHits,
        scoreEvents,
        scoreMillionths);
  }
}
