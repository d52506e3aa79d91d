package io.outlay.sink.audit;

import java.util.List;

/** Asks ClickHouse. */
public interface Query {
  /**
   * The rows of an answer, each value as text.
   *
   * @param sql without a FORMAT; {@code {database}} stands for the database
   * @throws AuditException if ClickHouse does not answer or refuses
   */
  List<List<String>> rows(String sql);
}
