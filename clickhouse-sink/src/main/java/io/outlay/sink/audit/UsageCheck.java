package io.outlay.sink.audit;

import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The ledger against itself and the usage topic: every offset of a partition is a record or known
 * to have none, every record became one thing, and nothing was removed before it was read.
 */
final class UsageCheck implements Check {
  private final Query query;
  private final Supplier<Map<Integer, UsageOffsets>> topic;

  UsageCheck(Query query, Supplier<Map<Integer, UsageOffsets>> topic) {
    this.query = query;
    this.topic = topic;
  }

  @Override
  public String name() {
    return "usage";
  }

  @Override
  public Look look() {
    Map<Integer, UsageOffsets> partitions = new TreeMap<>(topic.get());
    List<Item> items = new ArrayList<>();
    for (List<String> row :
        query.rows(
            """
            SELECT partition, next_offset, records, skipped_offsets, first_skipped_offset,
              priced + unpriced + free + duplicates + arraySum(mapValues(dead_letters))
            FROM {database}.ledger ORDER BY partition
            """)) {
      String at = "partition " + row.get(0);
      long next = Long.parseLong(row.get(1));
      long skipped = Long.parseLong(row.get(3));
      String gaps = skipped == 0 ? "" : " (%d without, first %s)".formatted(skipped, row.get(4));
      items.add(
          Item.line(
              "offsets",
              at + ": offsets = records" + gaps,
              BigDecimal.valueOf(next),
              new BigDecimal(row.get(2)).add(BigDecimal.valueOf(skipped)),
              Kind.EXACT));
      items.add(
          Item.line(
              "usage",
              at + ": records",
              new BigDecimal(row.get(2)),
              new BigDecimal(row.get(5)),
              Kind.EXACT));
      UsageOffsets offsets = partitions.remove(Integer.valueOf(row.get(0)));
      if (offsets != null) {
        long read = Math.max(next, offsets.committed());
        items.add(
            Item.line(
                "offsets",
                at + ": removed before they were read",
                BigDecimal.ZERO,
                BigDecimal.valueOf(Math.max(0, offsets.beginning() - read)),
                Kind.EXACT));
      }
    }
    // What is left has no entry, which is right only where nothing was ever read.
    partitions.forEach(
        (partition, offsets) ->
            items.add(
                Item.line(
                    "offsets",
                    "partition " + partition + ": committed without an entry in the ledger",
                    BigDecimal.ZERO,
                    BigDecimal.valueOf(offsets.committed()),
                    Kind.EXACT)));
    return new Look(items);
  }
}
