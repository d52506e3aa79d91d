package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** How far a consumer group has come. */
final class Offsets {
  private final Admin admin;
  private final String group;

  Offsets(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /** Sum of the offsets that the group has committed for a topic; 0 before the first commit. */
  long committed(String topic) {
    return committedOf(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Whether nothing that was committed to a topic is before the group, but the end of a
   * transaction.
   */
  boolean isThrough(String topic) {
    Map<TopicPartition, Long> committed = committedOf(topic);
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    committed.keySet().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    try {
      Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> ends =
          admin
              .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
              .all()
              .get();
      return !committed.isEmpty()
          && ends.entrySet().stream()
              .allMatch(end -> committed.get(end.getKey()) >= end.getValue().offset() - 1);
    } catch (ExecutionException e) {
      throw new BenchmarkFailedException("Kafka does not tell its offsets: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }

  private Map<TopicPartition, Long> committedOf(String topic) {
    try {
      Map<TopicPartition, Long> committed = new HashMap<>();
      for (Map.Entry<TopicPartition, OffsetAndMetadata> each :
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet()) {
        if (each.getKey().topic().equals(topic) && each.getValue() != null) {
          committed.put(each.getKey(), each.getValue().offset());
        }
      }
      return committed;
    } catch (ExecutionException e) {
      throw new BenchmarkFailedException("Kafka does not tell its commits: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }
}
