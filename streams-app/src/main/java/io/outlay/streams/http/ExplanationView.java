package io.outlay.streams.http;

import io.outlay.streams.rating.Explanation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An explanation as people read it; amounts are decimal strings in USD.
 *
 * @param price the price that rated; null if none did
 * @param tierSaved null where unknown, as the other savings
 */
record ExplanationView(
    String status,
    String reason,
    @Nullable PriceView price,
    String cost,
    String listCost,
    @Nullable String avoidedCost,
    @Nullable String promptCacheSaved,
    @Nullable String tierSaved,
    List<Explanation.Step> steps,
    List<Bill> bills) {

  /** The lines of one amount. */
  record Bill(String purpose, String priceId, int priceVersion, List<Line> lines, String sum) {}

  /** One quantity at one rate. */
  record Line(
      String meter,
      String quantity,
      String unit,
      String rate,
      String per,
      String currency,
      List<String> multipliers,
      String exact,
      String amount) {
    static Line of(Explanation.Line line) {
      return new Line(
          PriceView.lower(line.meter()),
          line.quantity().toString(),
          line.unit(),
          PriceView.usd(line.ratePico()),
          line.per().toString(),
          line.currency(),
          line.multipliers().stream()
              .map(each -> each.name() + " × " + each.factor().toPlainString())
              .toList(),
          line.exactUsd().toPlainString(),
          PriceView.usd(line.amountPico()));
    }
  }

  static ExplanationView of(Explanation explanation) {
    return new ExplanationView(
        explanation.status().name(),
        explanation.reason(),
        explanation.price() == null ? null : PriceView.of(explanation.price()),
        PriceView.usd(explanation.costPico()),
        PriceView.usd(explanation.listCostPico()),
        usd(explanation.avoidedCostPico()),
        usd(explanation.promptCacheSavedPico()),
        usd(explanation.tierSavedPico()),
        explanation.steps(),
        explanation.bills().stream()
            .map(
                bill ->
                    new Bill(
                        bill.purpose(),
                        bill.priceId(),
                        bill.priceVersion(),
                        bill.lines().stream().map(Line::of).toList(),
                        PriceView.usd(bill.sumPico())))
            .toList());
  }

  private static @Nullable String usd(@Nullable Long pico) {
    return pico == null ? null : PriceView.usd(pico);
  }
}
