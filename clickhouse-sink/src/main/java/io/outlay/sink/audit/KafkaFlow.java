package io.outlay.sink.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * The flow through Kafka, step by step: the topology reads usage, then its own deltas; the sink
 * reads what both wrote. The ends of a step's topics are noted when the step before has passed its
 * own, so that everything that was on its way is among them.
 *
 * <p>A group commits where its last record ended, which may be short of the end: the ends of
 * transactions are offsets too. So what lies between is looked at, and does not count if there is
 * no record in it. For one thread.
 */
public final class KafkaFlow implements Flow {
  private static final Duration AGAIN = Duration.ofMillis(200);
  private static final Duration PROBE = Duration.ofMillis(300);

  private final Admin admin;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final List<Step> steps;
  private final String usageTopic;
  private final String usageGroup;

  /**
   * A step of the flow.
   *
   * @param reader for people
   * @param group whose commits say how far it is
   * @param topics full names
   * @param isolation whether the end is the end of what is committed; the topics' own writers must
   *     be waited for, but nobody else's open transaction
   */
  public record Step(String reader, String group, Set<String> topics, IsolationLevel isolation) {}

  /**
   * @param consumers make one of committed records and no group, which starts at the beginning
   *     where an offset is gone; closed here
   * @param steps in the order of the flow; the first reads the usage topic
   */
  public KafkaFlow(
      Admin admin,
      Supplier<Consumer<byte[], byte[]>> consumers,
      List<Step> steps,
      String usageTopic) {
    this.admin = admin;
    this.consumers = consumers;
    this.steps = List.copyOf(steps);
    this.usageTopic = usageTopic;
    this.usageGroup = steps.get(0).group();
  }

  @Override
  public List<Position> settle(Duration within) {
    long until = System.nanoTime() + within.toNanos();
    List<Position> positions = new ArrayList<>();
    try (Probe probe = new Probe()) {
      for (Step step : steps) {
        positions.addAll(settle(step, until, probe));
      }
    } catch (KafkaException e) {
      throw new AuditException("Kafka: " + e.getMessage(), e);
    }
    return positions;
  }

  /** The partitions of the usage topic as they stand now. */
  public Map<Integer, UsageOffsets> usage() {
    Set<TopicPartition> partitions = partitions(Set.of(usageTopic));
    Map<TopicPartition, Long> beginnings =
        offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> committed = committed(usageGroup, partitions);
    Map<Integer, UsageOffsets> usage = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      usage.put(
          partition.partition(),
          new UsageOffsets(beginnings.get(partition), committed.getOrDefault(partition, 0L)));
    }
    return usage;
  }

  private List<Position> settle(Step step, long until, Probe probe) {
    Set<TopicPartition> partitions = partitions(step.topics());
    Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest(), step.isolation());
    Map<TopicPartition, Long> beginnings =
        offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> reached = new HashMap<>();
    while (true) {
      Map<TopicPartition, Long> committed = committed(step.group(), partitions);
      Map<TopicPartition, Long> open = new HashMap<>();
      for (TopicPartition partition : partitions) {
        long at = Math.max(beginnings.get(partition), committed.getOrDefault(partition, 0L));
        long best = Math.max(at, reached.getOrDefault(partition, 0L));
        reached.put(partition, Math.min(best, ends.get(partition)));
        if (best < ends.get(partition)) {
          open.put(partition, best);
        }
      }
      probe
          .passEmptyEnds(open, ends)
          .forEach(
              partition -> {
                open.remove(partition);
                reached.put(partition, ends.get(partition));
              });
      if (open.isEmpty() || System.nanoTime() >= until) {
        return positions(step, ends, reached);
      }
      pause();
    }
  }

  private static List<Position> positions(
      Step step, Map<TopicPartition, Long> ends, Map<TopicPartition, Long> reached) {
    Map<String, Long> end = sums(ends);
    Map<String, Long> at = sums(reached);
    return end.entrySet().stream()
        .map(t -> new Position(step.reader(), t.getKey(), t.getValue(), at.get(t.getKey())))
        .toList();
  }

  private static Map<String, Long> sums(Map<TopicPartition, Long> offsets) {
    return offsets.entrySet().stream()
        .collect(
            Collectors.groupingBy(
                entry -> entry.getKey().topic(),
                TreeMap::new,
                Collectors.summingLong(Map.Entry::getValue)));
  }

  private Set<TopicPartition> partitions(Set<String> topics) {
    try {
      Set<TopicPartition> partitions = new HashSet<>();
      for (TopicDescription topic : admin.describeTopics(topics).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
      }
      return partitions;
    } catch (ExecutionException e) {
      throw kafka(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Map<TopicPartition, Long> offsets(
      Set<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation) {
    try {
      Map<TopicPartition, OffsetSpec> asked =
          partitions.stream().collect(Collectors.toMap(p -> p, p -> spec));
      Map<TopicPartition, Long> offsets = new HashMap<>();
      admin
          .listOffsets(asked, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .forEach((partition, found) -> offsets.put(partition, found.offset()));
      return offsets;
    } catch (ExecutionException e) {
      throw kafka(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Map<TopicPartition, Long> committed(String group, Set<TopicPartition> partitions) {
    try {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (Map.Entry<TopicPartition, OffsetAndMetadata> commit :
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet()) {
        if (commit.getValue() != null && partitions.contains(commit.getKey())) {
          offsets.put(commit.getKey(), commit.getValue().offset());
        }
      }
      return offsets;
    } catch (ExecutionException e) {
      throw kafka(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static AuditException kafka(ExecutionException e) {
    return new AuditException("Kafka: " + e.getCause().getMessage(), e);
  }

  private static AuditException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AuditException("interrupted while waiting for Kafka", e);
  }

  private static void pause() {
    try {
      Thread.sleep(AGAIN.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Looks for records between offsets. */
  private final class Probe implements AutoCloseable {
    private final List<Consumer<byte[], byte[]>> opened = new ArrayList<>();

    /** The partitions without a committed record from their offset up to their end. */
    Set<TopicPartition> passEmptyEnds(
        Map<TopicPartition, Long> open, Map<TopicPartition, Long> ends) {
      if (open.isEmpty()) {
        return Set.of();
      }
      if (opened.isEmpty()) {
        opened.add(consumers.get());
      }
      Consumer<byte[], byte[]> consumer = opened.get(0);
      consumer.assign(open.keySet());
      // What a former look found a record in is paused still.
      consumer.resume(open.keySet());
      open.forEach(consumer::seek);
      Set<TopicPartition> empty = new HashSet<>();
      Set<TopicPartition> undecided = new HashSet<>(open.keySet());
      long until = System.nanoTime() + PROBE.toNanos();
      while (!undecided.isEmpty() && System.nanoTime() < until) {
        Set<TopicPartition> found = consumer.poll(PROBE.dividedBy(3)).partitions();
        for (TopicPartition partition : Set.copyOf(undecided)) {
          if (found.contains(partition)) {
            undecided.remove(partition);
            consumer.pause(Set.of(partition));
          } else if (consumer.position(partition) >= ends.get(partition)) {
            undecided.remove(partition);
            empty.add(partition);
          }
        }
      }
      return empty;
    }

    @Override
    public void close() {
      opened.forEach(Consumer::close);
    }
  }
}
