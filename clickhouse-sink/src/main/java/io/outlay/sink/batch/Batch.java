package io.outlay.sink.batch;

import io.outlay.schema.DeadLetter;
import io.outlay.sink.row.RowEncoder;
import io.outlay.sink.row.Rows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The rows of a contiguous range of offsets of one topic partition. The same range of the same
 * topic always gives the same rows, apart by table partition in the same way, under the same
 * tokens: nothing in here depends on time, on sizes or on what else is read. Over all batches,
 * records read = rows + skipped + dead letters. For one thread at a time.
 */
public final class Batch {
  private final Uuid topicId;
  private final TopicPartition source;
  private final long from;
  private final RowEncoder encoder;
  private final Rows rows = new Rows();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private long deadLetterBytes;
  private long to;
  private int read;
  private int skipped;

  /**
   * @param from first offset of the range
   */
  public Batch(Uuid topicId, TopicPartition source, long from, RowEncoder encoder) {
    this.topicId = topicId;
    this.source = source;
    this.from = from;
    this.to = from;
    this.encoder = encoder;
  }

  /**
   * Takes the next record. If the encoder throws, the batch is as it was before.
   *
   * @throws IllegalArgumentException if the record lies before the end of the batch
   */
  public void add(ConsumerRecord<byte[], byte[]> record) {
    if (record.offset() < to) {
      throw new IllegalArgumentException(
          source + ": offset " + record.offset() + " comes after " + to);
    }
    try {
      if (!encoder.encode(record, rows)) {
        skipped++;
      }
    } catch (RuntimeException e) {
      rows.rollBack();
      throw e;
    }
    read++;
    to = record.offset() + 1;
  }

  /** Takes a record that cannot be a row. */
  public void addDeadLetter(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
    deadLetters.add(letter);
    deadLetterBytes +=
        Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    read++;
    to = record.offset() + 1;
  }

  /** Lets the range end at a later offset although no record stands right before it. */
  public void extendTo(long end) {
    to = Math.max(to, end);
  }

  /**
   * The deduplication token of the rows of one table partition. ClickHouse drops an insert whose
   * token it remembers, whatever its rows.
   */
  public String token(String tablePartition) {
    return "%s:%s:%d:%d-%d:%s"
        .formatted(source.topic(), topicId, source.partition(), from, to, tablePartition);
  }

  public TopicPartition source() {
    return source;
  }

  /** First offset. */
  public long from() {
    return from;
  }

  /** End of the offsets, exclusive. */
  public long to() {
    return to;
  }

  /** How the range is written down before it is inserted. */
  public RangePlan plan() {
    return new RangePlan(topicId, to);
  }

  public RowEncoder encoder() {
    return encoder;
  }

  public Rows rows() {
    return rows;
  }

  public List<DeadLetter> deadLetters() {
    return Collections.unmodifiableList(deadLetters);
  }

  /** Records taken. */
  public int read() {
    return read;
  }

  /** Records that have no row by their nature. */
  public int skipped() {
    return skipped;
  }

  /** Memory that the batch holds, roughly. */
  public long bytes() {
    return rows.bytes() + deadLetterBytes;
  }

  /** Whether nothing was taken. */
  public boolean isEmpty() {
    return read == 0;
  }
}
