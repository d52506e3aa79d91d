package io.outlay.sink.audit;

import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Dead letters of the usage topic against the ledger, by partition and reason. */
final class DeadLettersCheck implements Check {
  private static final String NAME = "dead letters";

  private final Query query;
  private final String usageTopic;

  /**
   * @param usageTopic full name
   */
  DeadLettersCheck(Query query, String usageTopic) {
    this.query = query;
    this.usageTopic = usageTopic;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Look look() {
    List<Item> items = new ArrayList<>();
    BigDecimal left = BigDecimal.ZERO;
    BigDecimal right = BigDecimal.ZERO;
    for (List<String> row :
        query.rows(
            """
            SELECT partition, reason, sum(counted), sum(stored)
            FROM
            (
                SELECT partition, entry.1 AS reason, entry.2 AS counted, toUInt64(0) AS stored
                FROM (SELECT partition, CAST(dead_letters, 'Map(String, UInt64)') AS letters FROM {database}.ledger)
                ARRAY JOIN CAST(letters, 'Array(Tuple(String, UInt64))') AS entry
                UNION ALL
                SELECT partition, toString(reason) AS reason, toUInt64(0) AS counted, count() AS stored
                FROM {database}.dead_letters
                WHERE topic = '%s'
                GROUP BY partition, reason
            )
            GROUP BY partition, reason
            ORDER BY partition, reason
            """
                .formatted(usageTopic.replace("\\", "\\\\").replace("'", "\\'")))) {
      BigDecimal counted = new BigDecimal(row.get(2));
      BigDecimal stored = new BigDecimal(row.get(3));
      left = left.add(counted);
      right = right.add(stored);
      String what = "partition " + row.get(0) + ": " + row.get(1);
      items.add(Item.line(NAME, what, counted, stored, Kind.COUNT));
    }
    items.add(0, Item.line(NAME, "all", left, right, Kind.SHOWN));
    return new Look(items);
  }
}
