package io.outlay.streams.reprice;

import io.outlay.money.Money;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingShare;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.Cut;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a repricing changed so far: counts and sums before and after, also by team and model for the
 * first {@value #MAX_SHARES} pairs. Begins where a record of it ends. For one thread.
 */
final class Differences {
  static final int MAX_SHARES = 100;

  /** Stands for all teams and models beyond the bound. */
  static final String OTHERS = "*";

  private final Map<Subject, Share> shares = new LinkedHashMap<>();
  private long changed;
  private long unpricedBefore;
  private long unpricedAfter;
  private BigDecimal oldCost;
  private BigDecimal newCost;
  private BigDecimal oldListCost;
  private BigDecimal newListCost;
  private BigDecimal oldAvoidedCost;
  private BigDecimal newAvoidedCost;

  Differences(Repricing soFar) {
    changed = soFar.getFactsChanged();
    unpricedBefore = soFar.getUnpricedBefore();
    unpricedAfter = soFar.getUnpricedAfter();
    oldCost = soFar.getOldCost();
    newCost = soFar.getNewCost();
    oldListCost = soFar.getOldListCost();
    newListCost = soFar.getNewListCost();
    oldAvoidedCost = soFar.getOldAvoidedCost();
    newAvoidedCost = soFar.getNewAvoidedCost();
    for (RepricingShare share : soFar.getShares()) {
      Share sums =
          shares.computeIfAbsent(new Subject(share.getTeam(), share.getModel()), s -> new Share());
      sums.facts = share.getFacts();
      sums.oldCost = share.getOldCost();
      sums.newCost = share.getNewCost();
    }
  }

  void add(UsageEvent event, Rating former, Rating rating) {
    changed++;
    unpricedBefore += former.status() == PricingStatus.UNPRICED ? 1 : 0;
    unpricedAfter += rating.status() == PricingStatus.UNPRICED ? 1 : 0;
    BigDecimal before = Money.toUsd(former.costPico());
    BigDecimal after = Money.toUsd(rating.costPico());
    oldCost = oldCost.add(before);
    newCost = newCost.add(after);
    oldListCost = oldListCost.add(Money.toUsd(former.listCostPico()));
    newListCost = newListCost.add(Money.toUsd(rating.listCostPico()));
    oldAvoidedCost = oldAvoidedCost.add(known(former.avoidedCostPico()));
    newAvoidedCost = newAvoidedCost.add(known(rating.avoidedCostPico()));
    Share share = share(new Subject(event.getTeam(), Cut.model(event)));
    share.facts++;
    share.oldCost = share.oldCost.add(before);
    share.newCost = share.newCost.add(after);
  }

  /** Writes the counts and sums into a record. */
  void into(Repricing record) {
    record.setFactsChanged(changed);
    record.setUnpricedBefore(unpricedBefore);
    record.setUnpricedAfter(unpricedAfter);
    record.setOldCost(oldCost);
    record.setNewCost(newCost);
    record.setOldListCost(oldListCost);
    record.setNewListCost(newListCost);
    record.setOldAvoidedCost(oldAvoidedCost);
    record.setNewAvoidedCost(newAvoidedCost);
    List<RepricingShare> list = new ArrayList<>();
    shares.forEach(
        (subject, share) ->
            list.add(
                new RepricingShare(
                    subject.team, subject.model, share.facts, share.oldCost, share.newCost)));
    list.sort(Comparator.comparingLong(RepricingShare::getFacts).reversed());
    record.setShares(list);
  }

  private Share share(Subject subject) {
    Share known = shares.get(subject);
    if (known != null) {
      return known;
    }
    Subject counted = shares.size() < MAX_SHARES - 1 ? subject : new Subject(OTHERS, OTHERS);
    return shares.computeIfAbsent(counted, s -> new Share());
  }

  private static BigDecimal known(@Nullable Long pico) {
    return Money.toUsd(pico == null ? 0 : pico);
  }

  private record Subject(String team, String model) {}

  private static final class Share {
    private long facts;
    private BigDecimal oldCost = Money.toUsd(0);
    private BigDecimal newCost = Money.toUsd(0);
  }
}
