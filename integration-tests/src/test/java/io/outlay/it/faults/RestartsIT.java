package io.outlay.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.embedded.kafka.BrokerReadiness;
import io.outlay.embedded.stack.HttpReadiness;
import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.Readiness;
import io.outlay.it.EmbeddedRunningStack;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static io.outlay.it.faults.LoadedStack.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a stack says while something is away, what it holds after it was taken down at any moment,
 * and what its audit says when a guard is taken off. On one stack, in this order: the last tests
 * leave books that are wrong.
 */
@TestMethodOrder(OrderAnnotation.class)
class RestartsIT {
  private static final long SEED = 23;
  private static final int ROUNDS = 3;
  private static final long EVENTS_A_ROUND = 6_000;
  private static final int RATE = 1_000;

  /** The promise is ten seconds; the rest is for a machine that does other things too. */
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(30);

  private static LoadedStack loaded;
  private static EmbeddedRunningStack stack;
  private static Instant time;

  @BeforeAll
  static void start() throws Exception {
    loaded = new LoadedStack(SEED, ROUNDS * EVENTS_A_ROUND, RATE, Optional.empty(), 2);
    stack = loaded.stack();
    time = Instant.now();
  }

  @AfterAll
  static void stop() throws Exception {
    if (loaded != null) {
      loaded.close();
    }
  }

  @Test
  @Order(1)
  void givenTheBrokerAway_thenEveryProgramSaysSoAndIsReadyAgainSoonAfterItsReturn()
      throws Exception {
    String[] address = stack.kafka().split(":");
    missesAndFinds(
        Fault.KAFKA,
        new BrokerReadiness(new Listener("kafka", address[0], Integer.parseInt(address[1]))),
        Map.of(
            Fault.STREAMS, stack.streams(),
            Fault.SINK, stack.sink(),
            Fault.COLLECTORS, stack.collectors()));
  }

  @Test
  @Order(2)
  void givenClickHouseAway_thenTheSinkSaysSoAndIsReadyAgainSoonAfterItsReturn() throws Exception {
    missesAndFinds(
        Fault.CLICKHOUSE,
        new HttpReadiness(stack.clickhouse().address().resolve("/ping")),
        Map.of(Fault.SINK, stack.sink()));
  }

  @Test
  @Order(3)
  void givenDownAtAnyMomentUnderLoad_whenUpAgain_thenTheBooksAreExact() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      long first = round * EVENTS_A_ROUND;
      loaded.allow(first + EVENTS_A_ROUND);
      loaded.awaitAcknowledged(first + random.nextInt((int) EVENTS_A_ROUND));

      stack.down();
      stack.up();
    }
    loaded.awaitAcknowledged(ROUNDS * EVENTS_A_ROUND);

    loaded.assertExact(stack.sink());
  }

  @Test
  @Order(4)
  void givenTokensThatAreNotKept_whenABatchIsSentAgain_thenTheAuditSaysSoUntilRowsAreMerged()
      throws Exception {
    // Given a table that does not know an insert again
    String table = "usage_costs_store";
    sql("SYSTEM STOP MERGES " + table);
    sql("ALTER TABLE " + table + " MODIFY SETTING non_replicated_deduplication_window = 0");

    // When an insert is carried out, its answer lost, and the insert repeated
    long before = loaded.clickhouse().lost();
    loaded.clickhouse().mode(TcpProxy.Mode.LOSE_ANSWERS);
    for (int i = 0; i < 8; i++) {
      loaded.post(probe("token-" + i));
    }
    await("answers are lost").until(() -> loaded.clickhouse().lost() >= before + 4);
    loaded.clickhouse().mode(TcpProxy.Mode.PASS);
    await("all are shown").until(() -> count("token-%").equals("8"));

    // Then readers see each once, and the audit sees what lies below
    JsonNode audit = LoadedStack.audit(stack.sink());
    assertThat(differing(audit)).as(audit.toPrettyString()).containsExactly("inserts");

    sql("ALTER TABLE " + table + " RESET SETTING non_replicated_deduplication_window");
    sql("ALTER TABLE " + table + " MODIFY SETTING non_replicated_deduplication_window = 1000");
    sql("SYSTEM START MERGES " + table);
    sql("OPTIMIZE TABLE " + table + " FINAL");
    JsonNode after = LoadedStack.audit(stack.sink());
    assertThat(differing(after)).as(after.toPrettyString()).isEmpty();
  }

  @Test
  @Order(5)
  void givenATopologyThatHasForgottenItsIds_whenACopyComes_thenTheAuditSaysSo() throws Exception {
    loaded.post(probe("copied"));
    await("it is shown").until(() -> count("copied").equals("1"));
    stack.kill(Fault.STREAMS);
    forgetIds();
    stack.up();

    loaded.post(probe("copied"));
    loaded.post(probe("after"));
    await("what came after is shown").until(() -> count("after").equals("1"));

    assertThat(count("copied")).isEqualTo("1");
    JsonNode audit = LoadedStack.audit(stack.sink());
    assertThat(differing(audit))
        .as(audit.toPrettyString())
        // and "inserts" until the two rows of the fact are merged
        .contains("facts", "costs", "rollups")
        .doesNotContain("usage", "offsets", "dead letters", "revisions");
  }

  private static void missesAndFinds(String part, Readiness of, Map<String, URI> programs)
      throws Exception {
    for (URI program : programs.values()) {
      await("all is ready").until(() -> loaded.isReady(program));
    }
    List<String> told = new ArrayList<>();
    stack.kill(part);
    Map<String, Long> missed = times(programs, false);
    missed.forEach((name, millis) -> told.add("%s missed it after %,d ms".formatted(name, millis)));

    CompletableFuture<Void> up = CompletableFuture.runAsync(stack::up);
    await(part + " answers").until(() -> of.whyNotReady().isEmpty());
    Map<String, Long> found = times(programs, true);
    found.forEach((name, millis) -> told.add("%s found it after %,d ms".formatted(name, millis)));
    up.join();
    System.out.println(part + " away: " + String.join(", ", told));
  }

  /** How long it takes from now until each program says that it is ready, or that it is not. */
  private static Map<String, Long> times(Map<String, URI> programs, boolean ready) {
    Instant start = Instant.now();
    Map<String, Long> times = new LinkedHashMap<>();
    await(ready ? "ready" : "not ready")
        .atMost(TOLD_WITHIN)
        .until(
            () -> {
              for (Map.Entry<String, URI> program : programs.entrySet()) {
                if (!times.containsKey(program.getKey())
                    && loaded.isReady(program.getValue()) == ready) {
                  times.put(program.getKey(), Duration.between(start, Instant.now()).toMillis());
                }
              }
              return times.size() == programs.size();
            });
    return times;
  }

  /** Takes every block of ids out of the topic that the state is restored from. */
  private static void forgetIds() throws Exception {
    String topic = "outlay.streams-seen-ids-changelog";
    Map<String, Object> client = Map.of("bootstrap.servers", stack.kafka());
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      int forgotten = 0;
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> block : consumer.poll(Duration.ofMillis(200))) {
          producer.send(new ProducerRecord<>(topic, block.partition(), block.key(), null)).get();
          forgotten++;
        }
      }
      assertThat(forgotten).isPositive();
    }
  }

  private static List<String> differing(JsonNode audit) {
    return StreamSupport.stream(audit.get("equations").spliterator(), false)
        .filter(equation -> !equation.get("status").asText().equals("balanced"))
        .map(equation -> equation.get("name").asText())
        .toList();
  }

  private static void sql(String statement) throws Exception {
    stack.clickhouse().text(statement, "TabSeparated");
  }

  private static String count(String id) throws Exception {
    return stack.scalar(
        "SELECT count() FROM usage_costs WHERE source = '"
            + FaultRun.PROBES
            + "' AND event_id LIKE '"
            + id
            + "'");
  }

  private static String probe(String id) {
    return "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"io.outlay.cost.direct\",\"time\":\"%s\",\"data\":{\"team\":\"%s\",\"amount\":\"1\"}}"
        .formatted(id, FaultRun.PROBES, time, FaultRun.PROBES);
  }
}
