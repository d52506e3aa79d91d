package io.outlay.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.schema.Incident;
import io.outlay.schema.Notification;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Teams that spend little for days and then, each at a fault of its own, so much that on-call must
 * be told: once, whatever the fault was. Beside them, every state of every incident that was
 * written down must have been received, under its own {@code webhook-id} and as it was written.
 */
final class Alarms {
  /** For the configuration; with the receiver's address. */
  private static final String CONFIGURATION =
      """
      receivers:
        - {name: oncall, type: webhook, url: "%s", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw", allowPrivate: true}
      rules:
        - {name: spree, type: spend-ratio, threshold: 2, window: 1d, baseline: 7d, by: [team],
           minImpactUsd: 1000, receivers: [oncall]}
      """;

  private static final int QUIET_DAYS = 6;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Webhooks webhooks;
  private int raised;

  Alarms(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  String configuration() {
    return CONFIGURATION.formatted(webhooks.url());
  }

  /** What a number of teams spent on earlier days. */
  static List<String> history(int teams, Instant base) {
    List<String> events = new ArrayList<>();
    for (int team = 1; team <= teams; team++) {
      for (int day = 1; day <= QUIET_DAYS; day++) {
        events.add(event(team, "quiet-" + day, base.minus(Duration.ofDays(day)), "1"));
      }
    }
    return events;
  }

  /** The spree of the next team. */
  List<String> next(Instant now) {
    raised++;
    return List.of(event(raised, "spree", now, "5000"));
  }

  /** Whether on-call was told of the latest spree. */
  boolean isTold() throws IOException {
    return opened().containsKey(team(raised));
  }

  /** Sprees so far. */
  int raised() {
    return raised;
  }

  /** Messages that got an error or no answer. */
  long turnedAway() {
    return webhooks.turnedAway();
  }

  /** Different messages that were received. */
  int received() {
    return webhooks.received().size();
  }

  /** What is not as it should be, now; empty if nothing is. */
  List<String> differences(String kafka, URI registry) throws IOException {
    List<String> differences = new ArrayList<>();
    Map<String, List<String>> opened = opened();
    for (int team = 1; team <= raised; team++) {
      List<String> ids = opened.getOrDefault(team(team), List.of());
      if (ids.size() != 1) {
        differences.add("incidents opened for " + team(team) + ": expected 1, told " + ids);
      }
    }
    Map<String, String> owed = new TreeMap<>();
    Map<String, Notification> latest = new HashMap<>();
    for (Incident incident : incidents(kafka, registry)) {
      for (Notification notification : incident.getNotifications()) {
        String id = notification.getMessageId();
        String before = owed.putIfAbsent(id, notification.getBody());
        if (before != null && !before.equals(notification.getBody())) {
          differences.add("message " + id + " was written with two bodies");
        }
        latest.put(id, notification);
      }
    }
    owed.forEach(
        (id, body) -> {
          Set<String> bodies = webhooks.received().getOrDefault(id, Set.of());
          if (!bodies.equals(Set.of(body))) {
            differences.add("message %s: expected %s, received %s".formatted(id, body, bodies));
          }
        });
    latest.forEach(
        (id, notification) -> {
          if (notification.getDeliveredAtMicros() == null) {
            differences.add("message " + id + " is not noted as delivered");
          }
        });
    webhooks.received().keySet().stream()
        .filter(id -> !owed.containsKey(id))
        .forEach(id -> differences.add("message " + id + " was received and is in no incident"));
    return differences;
  }

  /** The ids of the messages that told that an incident was opened, by team. */
  private Map<String, List<String>> opened() throws IOException {
    Map<String, List<String>> opened = new TreeMap<>();
    for (Map.Entry<String, Set<String>> message : webhooks.received().entrySet()) {
      for (String body : message.getValue()) {
        JsonNode event = MAPPER.readTree(body);
        if (event.path("type").asText().equals("io.outlay.incident.opened")) {
          opened
              .computeIfAbsent(
                  event.path("data").path("scope").path("team").asText(), team -> new ArrayList<>())
              .add(message.getKey());
        }
      }
    }
    return opened;
  }

  /** Every state that was written and is not compacted away. */
  private static List<Incident> incidents(String kafka, URI registry) {
    AvroCodec<Incident> codec =
        AvroCodec.of(Topics.INCIDENTS, Topics.DEFAULT_PREFIX, new HttpSchemaRegistry(registry));
    List<Incident> incidents = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition only = new TopicPartition(Topics.INCIDENTS.name(Topics.DEFAULT_PREFIX), 0);
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      long end = consumer.endOffsets(List.of(only)).get(only);
      while (consumer.position(only) < end) {
        if (Thread.interrupted()) {
          throw new CancellationException("interrupted while reading incidents");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.value() != null) {
            incidents.add(codec.decode(record.value()));
          }
        }
      }
    }
    return incidents;
  }

  private static String team(int number) {
    return FaultRun.PROBES + "-" + number;
  }

  private static String event(int team, String id, Instant time, String amount) {
    return "{\"specversion\":\"1.0\",\"id\":\"%s-%s\",\"source\":\"%s\",\"type\":\"io.outlay.cost.direct\",\"time\":\"%s\",\"data\":{\"team\":\"%s\",\"amount\":\"%s\"}}"
        .formatted(team(team), id, FaultRun.PROBES, time, team(team), amount);
  }
}
