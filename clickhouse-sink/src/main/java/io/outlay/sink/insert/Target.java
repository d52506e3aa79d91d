package io.outlay.sink.insert;

import io.outlay.sink.row.RowWriter;
import java.util.List;

/** Where rows go. One call is one insert, which happens as a whole or not at all. */
public interface Target {
  /**
   * Inserts rows and waits until they are stored.
   *
   * @param table without the database
   * @param columns in the order in which rows have them
   * @param token an insert with a token that was applied before does nothing
   * @throws Exception if they are not stored, or it is not known whether they are; {@link
   *     Failure#of} tells which
   */
  void insert(String table, List<String> columns, RowWriter rows, String token) throws Exception;
}
