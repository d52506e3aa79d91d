package io.outlay.streams.reprice.store;

import io.outlay.streams.reprice.Arrivals;
import io.outlay.streams.reprice.StoreAwayException;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Follows what is in the topics through the consumer groups of the topology and the sink. A group
 * has taken what lies before its commits; the sink commits what ClickHouse has. Where a commit
 * stays behind the end, there may be nothing between the two but what is no record, such as the
 * ends of transactions and what was taken back: the consumer looks. For one thread.
 */
public final class KafkaArrivals implements Arrivals {
  private static final Duration ASK_EVERY = Duration.ofMillis(200);
  private static final long ANSWER_WITHIN_SECONDS = 15;

  private final Admin admin;
  private final Consumer<byte[], byte[]> lookout;
  private final String prefix;
  private final java.util.function.Consumer<String> waitingFor;

  /**
   * @param admin not closed by this
   * @param lookout a consumer of committed records, not in a group; not closed by this
   * @param waitingFor told what it waits for, and nothing (an empty text) once it has come
   */
  public KafkaArrivals(
      Admin admin,
      Consumer<byte[], byte[]> lookout,
      String prefix,
      java.util.function.Consumer<String> waitingFor) {
    this.admin = admin;
    this.lookout = lookout;
    this.prefix = prefix;
    this.waitingFor = waitingFor;
  }

  @Override
  public void await() throws InterruptedException {
    String streams = prefix + "streams";
    try {
      await(Topics.USAGE, streams);
      await(Topics.ROLLUP_DELTAS, streams);
      await(Topics.SCOPE_ROLLUP_DELTAS, streams);
      await(Topics.COSTS, prefix + "sink.costs");
      await(Topics.ROLLUPS, prefix + "sink.rollups");
      await(Topics.SCOPE_ROLLUPS, prefix + "sink.rollups");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreAwayException("Kafka: " + cause.getMessage(), cause);
    } finally {
      waitingFor.accept("");
    }
  }

  private void await(Topic<?> topic, String group)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, Long> ends = ends(topic.name(prefix));
    while (true) {
      long behind = behind(ends, group);
      if (behind == 0) {
        return;
      }
      waitingFor.accept(
          behind + " records of " + topic.name(prefix) + " that " + group + " has yet to take");
      Thread.sleep(ASK_EVERY.toMillis());
    }
  }

  /** Ends of the partitions that hold anything. */
  private Map<TopicPartition, Long> ends(String topic)
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicDescription description =
        admin
            .describeTopics(List.of(topic))
            .allTopicNames()
            .get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS)
            .get(topic);
    Map<TopicPartition, OffsetSpec> first = new HashMap<>();
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    description
        .partitions()
        .forEach(
            partition -> {
              TopicPartition source = new TopicPartition(topic, partition.partition());
              first.put(source, OffsetSpec.earliest());
              last.put(source, OffsetSpec.latest());
            });
    Map<TopicPartition, ListOffsetsResultInfo> beginnings = offsets(first);
    Map<TopicPartition, Long> ends = new HashMap<>();
    offsets(last)
        .forEach(
            (source, end) -> {
              if (end.offset() > beginnings.get(source).offset()) {
                ends.put(source, end.offset());
              }
            });
    return ends;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(Map<TopicPartition, OffsetSpec> which)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin
        .listOffsets(which, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  private long behind(Map<TopicPartition, Long> ends, String group)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (ends.isEmpty()) {
      return 0;
    }
    Map<TopicPartition, OffsetAndMetadata> commits =
        admin
            .listConsumerGroupOffsets(group)
            .partitionsToOffsetAndMetadata()
            .get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
    long behind = 0;
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      OffsetAndMetadata commit = commits.get(end.getKey());
      long from = commit == null ? 0 : commit.offset();
      if (from < end.getValue() && holdsRecord(end.getKey(), from, end.getValue())) {
        behind += end.getValue() - from;
      }
    }
    return behind;
  }

  private boolean holdsRecord(TopicPartition source, long from, long to) {
    lookout.assign(List.of(source));
    lookout.seek(source, from);
    while (lookout.position(source) < to) {
      if (!lookout.poll(ASK_EVERY).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
