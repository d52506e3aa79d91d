package io.outlay.detector.rule;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.SamePart;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the spend beyond the baseline comes from.
 *
 * @param deltas of every cell of the scope: actual minus expected
 * @param causes the largest increases of each other dimension, largest first
 * @param drivers the change split by what drove it
 */
public record Explanation(List<Delta> deltas, List<Cause> causes, Drivers drivers) {
  /** Causes that are named, of each dimension. */
  public static final int MAX_CAUSES_PER_DIMENSION = 5;

  private static final int SHARE_PLACES = 4;

  /**
   * What a cell adds to what is out of bounds, in USD; negative where it takes from it. Of a rule
   * that does not measure money, in the unit of the sum that it divides: failed calls,
   * milliseconds, hits that are missing, points of score.
   */
  public record Delta(Cell cell, BigDecimal usd) {}

  /**
   * A contributor.
   *
   * @param value empty for the facts that have none
   * @param deltaUsd increase, &gt; 0; 0 where what is measured is not money
   * @param share of the scope's change; above 1 where others went the other way
   */
  public record Cause(Dimension dimension, String value, BigDecimal deltaUsd, BigDecimal share) {}

  /**
   * What drove the change; the parts add up to it to the last digit.
   *
   * @param volumeUsd the change of requests, at the baseline's average price of a request
   * @param unitPriceUsd the changes of each cell's price of a request, at today's requests
   * @param mixUsd the rest: requests moving between cheap and dear cells, cells that are new or
   *     gone, and spend that has no requests, such as GPUs and storage
   */
  public record Drivers(BigDecimal volumeUsd, BigDecimal unitPriceUsd, BigDecimal mixUsd) {
    /** No change. */
    public static final Drivers NONE =
        new Drivers(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);
  }

  /** Explains a comparison of the scope with its baseline. */
  public static Explanation of(ScopeSpend scope, SamePart baseline, Comparison comparison) {
    List<Delta> deltas = new ArrayList<>();
    for (CellSpend cell : scope.cells()) {
      BigDecimal delta = baseline.actual(cell).subtract(baseline.expected(cell).round(Money.SCALE));
      if (delta.signum() != 0) {
        deltas.add(new Delta(cell.cell(), delta));
      }
    }
    return new Explanation(
        List.copyOf(deltas),
        causes(deltas, comparison, comparison.impactUsd()),
        drivers(scope, baseline, comparison.impactUsd()));
  }

  /**
   * Explains what is out of bounds by what each cell adds to it.
   *
   * @param deltas one for each cell that adds to it or takes from it
   */
  static Explanation of(Comparison comparison, List<Delta> deltas, Drivers drivers) {
    boolean money = comparison.impactUsd().signum() > 0;
    List<Cause> causes = causes(deltas, comparison, total(deltas));
    return new Explanation(
        List.copyOf(deltas),
        money
            ? causes
            : causes.stream()
                .map(
                    cause ->
                        new Cause(cause.dimension(), cause.value(), BigDecimal.ZERO, cause.share()))
                .toList(),
        drivers);
  }

  /** What the cells add to what is out of bounds, all together. */
  public BigDecimal total() {
    return total(deltas);
  }

  private static BigDecimal total(List<Delta> deltas) {
    return deltas.stream().map(Delta::usd).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static List<Cause> causes(List<Delta> deltas, Comparison comparison, BigDecimal whole) {
    List<Cause> causes = new ArrayList<>();
    for (Dimension dimension : Dimension.OF_CELLS) {
      if (!comparison.scope().cut().dimensions().contains(dimension)) {
        Map<String, BigDecimal> byValue = new HashMap<>();
        deltas.forEach(
            delta -> byValue.merge(dimension.of(delta.cell()), delta.usd(), BigDecimal::add));
        byValue.entrySet().stream()
            .filter(entry -> entry.getValue().signum() > 0)
            .sorted(
                Map.Entry.<String, BigDecimal>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MAX_CAUSES_PER_DIMENSION)
            .map(
                entry ->
                    new Cause(
                        dimension,
                        entry.getKey(),
                        entry.getValue(),
                        share(entry.getValue(), whole)))
            .forEach(causes::add);
      }
    }
    causes.sort(Comparator.comparing(Cause::deltaUsd).reversed());
    return List.copyOf(causes);
  }

  private static BigDecimal share(BigDecimal delta, BigDecimal whole) {
    return whole.signum() == 0
        ? BigDecimal.ZERO
        : delta.divide(whole, SHARE_PLACES, RoundingMode.HALF_EVEN);
  }

  private static Drivers drivers(ScopeSpend scope, SamePart baseline, BigDecimal change) {
    BigDecimal actualRequests = BigDecimal.ZERO;
    BigDecimal expectedRequests = BigDecimal.ZERO;
    BigDecimal expectedCost = BigDecimal.ZERO;
    BigDecimal unitPrice = BigDecimal.ZERO;
    for (CellSpend cell : scope.cells()) {
      BigDecimal now = BigDecimal.valueOf(baseline.actualRequests(cell));
      BigDecimal before = baseline.expectedRequests(cell).approximate();
      actualRequests = actualRequests.add(now);
      if (before.signum() > 0) {
        BigDecimal costBefore = baseline.expected(cell).approximate();
        expectedRequests = expectedRequests.add(before);
        expectedCost = expectedCost.add(costBefore);
        if (now.signum() > 0) {
          BigDecimal atFormerPrice =
              costBefore.multiply(now).divide(before, MathContext.DECIMAL128);
          unitPrice = unitPrice.add(baseline.actual(cell)).subtract(atFormerPrice);
        }
      }
    }
    BigDecimal volume =
        expectedRequests.signum() == 0
            ? BigDecimal.ZERO
            : actualRequests
                .subtract(expectedRequests)
                .multiply(expectedCost)
                .divide(expectedRequests, MathContext.DECIMAL128);
    BigDecimal volumeUsd = volume.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    BigDecimal unitPriceUsd = unitPrice.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    return new Drivers(volumeUsd, unitPriceUsd, change.subtract(volumeUsd).subtract(unitPriceUsd));
  }
}
