package io.outlay.sink.row;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table, apart by table partition: ClickHouse takes or drops an insert as a whole only
 * within one. For one thread.
 */
public final class Rows {
  private final SortedMap<String, RowWriter> partitions = new TreeMap<>();
  private @Nullable RowWriter open;
  private int mark;
  private long bytes;
  private int rows;

  /**
   * Starts a row, to be ended with {@link #end}.
   *
   * @param partition name of the table partition that the row belongs to
   */
  public RowWriter begin(String partition) {
    if (open != null) {
      throw new IllegalStateException("the former row was not ended");
    }
    RowWriter writer = partitions.get(partition);
    if (writer == null) {
      writer = new RowWriter();
      partitions.put(partition, writer);
    }
    open = writer;
    mark = writer.length();
    return writer;
  }

  /** Ends the row that was begun. */
  public void end() {
    if (open == null) {
      throw new IllegalStateException("no row was begun");
    }
    open.endRow();
    rows++;
    bytes += open.length() - mark;
    open = null;
  }

  /** Forgets a row that was begun and not ended, if there is one. */
  public void rollBack() {
    if (open != null) {
      open.truncate(mark);
      open = null;
    }
  }

  /** Rows by the name of their partition, in its order; a partition may be without rows. */
  public SortedMap<String, RowWriter> partitions() {
    return Collections.unmodifiableSortedMap(partitions);
  }

  /** Bytes of all rows. */
  public long bytes() {
    return bytes;
  }

  /** Number of all rows. */
  public int count() {
    return rows;
  }
}
