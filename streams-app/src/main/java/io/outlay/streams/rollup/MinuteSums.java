package io.outlay.streams.rollup;

import io.outlay.money.WideSum;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.CostRollup;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.TokenTotals;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one partition adds to the minutes of each scope between two commits: traffic per scope, not
 * per event. Not safe for concurrent use; bounded by the scopes and minutes of one commit interval.
 */
public final class MinuteSums {
  private final Map<Cell, Sums> cells = new HashMap<>();

  /** Adds a fact. */
  public void add(UsageEvent event, Rating rating) {
    sums(event).add(event, rating);
  }

  /** Replaces the rating of a fact that was added before, here or elsewhere. */
  public void replace(UsageEvent event, Rating former, Rating rating) {
    sums(event).replace(event, former, rating);
  }

  private Sums sums(UsageEvent event) {
    Cell cell =
        new Cell(
            Windows.minute(event.getEventTimeMicros()),
            event.getTeam(),
            modelOf(event),
            event.getFeature());
    return cells.computeIfAbsent(cell, c -> new Sums());
  }

  /** Hands every sum over, with revision 0, and starts anew. */
  public void drain(Consumer<CostRollup> to) {
    cells.forEach((cell, sums) -> to.accept(sums.delta(cell)));
    cells.clear();
  }

  /** The `model` of a fact: empty for what is not about a model. */
  public static String modelOf(UsageEvent event) {
    Object detail = event.getDetail();
    if (detail instanceof LlmUsage llm) {
      return llm.getModel();
    }
    if (detail instanceof CacheLookup lookup) {
      return lookup.getModel();
    }
    return detail instanceof QualityScore score ? score.getModel() : "";
  }

  private record Cell(long minute, String team, String model, String feature) {}

  private static final class Sums {
    private final WideSum cost = new WideSum();
    private final WideSum listCost = new WideSum();
    private final WideSum avoided = new WideSum();
    private long events;
    private long unpriced;
    private long requests;
    private long inputTokens;
    private long outputTokens;
    private long lastEventMicros = Long.MIN_VALUE;

    void add(UsageEvent event, Rating rating) {
      events++;
      amounts(rating, 1);
      if (event.getDetail() instanceof LlmUsage llm) {
        requests += llm.getRequests();
        inputTokens += TokenTotals.input(llm.getTokens());
        outputTokens += TokenTotals.output(llm.getTokens());
      }
      lastEventMicros = Math.max(lastEventMicros, event.getEventTimeMicros());
    }

    void replace(UsageEvent event, Rating former, Rating rating) {
      amounts(former, -1);
      amounts(rating, 1);
      lastEventMicros = Math.max(lastEventMicros, event.getEventTimeMicros());
    }

    private void amounts(Rating rating, int sign) {
      unpriced += rating.status() == PricingStatus.UNPRICED ? sign : 0;
      cost.add(sign * rating.costPico());
      listCost.add(sign * rating.listCostPico());
      if (rating.avoidedCostPico() != null) {
        avoided.add(sign * rating.avoidedCostPico());
      }
    }

    CostRollup delta(Cell cell) {
      return new CostRollup(
          RollupWindow.MINUTE,
          cell.minute,
          cell.team,
          cell.model,
          cell.feature,
          events,
          unpriced,
          cost.toUsd(),
          listCost.toUsd(),
          avoided.toUsd(),
          requests,
          inputTokens,
          outputTokens,
          0L,
          lastEventMicros);
    }
  }
}
