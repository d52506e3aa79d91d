package io.outlay.streams.http;

import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A repricing as people read it; amounts are decimal strings in USD, times ISO 8601.
 *
 * @param filter what it is limited to, by the names of the parameters that ask for it
 * @param waitingFor what it waits for at the moment; empty if for nothing
 */
record RepricingView(
    String id,
    String state,
    boolean dryRun,
    Map<String, String> filter,
    String requestedBy,
    String reason,
    String requestedAt,
    @Nullable String startedAt,
    @Nullable String finishedAt,
    long factsTotal,
    long factsRead,
    long factsChanged,
    long factsFailed,
    long unpricedBefore,
    long unpricedAfter,
    String oldCost,
    String newCost,
    String difference,
    String oldListCost,
    String newListCost,
    String oldAvoidedCost,
    String newAvoidedCost,
    List<Share> shares,
    String error,
    String waitingFor) {

  /** The part of one team and model. */
  record Share(
      String team, String model, long facts, String oldCost, String newCost, String difference) {}

  static RepricingView of(Repricing repricing, String waitingFor) {
    return new RepricingView(
        repricing.getId(),
        repricing.getState().name().toLowerCase(Locale.ROOT),
        repricing.getDryRun(),
        filter(repricing.getFilter()),
        repricing.getRequestedBy(),
        repricing.getReason(),
        Instant.EPOCH.plus(repricing.getRequestedAtMicros(), ChronoUnit.MICROS).toString(),
        time(repricing.getStartedAtMicros()),
        time(repricing.getFinishedAtMicros()),
        repricing.getFactsTotal(),
        repricing.getFactsRead(),
        repricing.getFactsChanged(),
        repricing.getFactsFailed(),
        repricing.getUnpricedBefore(),
        repricing.getUnpricedAfter(),
        usd(repricing.getOldCost()),
        usd(repricing.getNewCost()),
        usd(repricing.getNewCost().subtract(repricing.getOldCost())),
        usd(repricing.getOldListCost()),
        usd(repricing.getNewListCost()),
        usd(repricing.getOldAvoidedCost()),
        usd(repricing.getNewAvoidedCost()),
        repricing.getShares().stream()
            .map(
                share ->
                    new Share(
                        share.getTeam(),
                        share.getModel(),
                        share.getFacts(),
                        usd(share.getOldCost()),
                        usd(share.getNewCost()),
                        usd(share.getNewCost().subtract(share.getOldCost()))))
            .toList(),
        repricing.getError(),
        waitingFor);
  }

  private static Map<String, String> filter(RepricingFilter filter) {
    Map<String, String> view = new LinkedHashMap<>();
    view.put("type", filter.getType());
    view.put("provider", filter.getProvider());
    view.put("model", filter.getModel());
    view.put("team", filter.getTeam());
    view.put("customer", filter.getCustomer());
    view.put("unpricedOnly", filter.getUnpricedOnly() ? "true" : "");
    view.put("from", time(filter.getFromMicros()));
    view.put("to", time(filter.getToMicros()));
    view.values().removeIf(value -> value == null || value.isEmpty());
    return view;
  }

  private static @Nullable String time(@Nullable Long micros) {
    return micros == null ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
  }

  private static String usd(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
