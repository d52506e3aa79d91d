package io.outlay.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.Topics;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Dead letters from a wrong producer to what becomes of them when they are sent again. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplayIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String USAGE = Topics.USAGE.name(Topics.DEFAULT_PREFIX);

  /** An id that no registry has given. */
  private static final byte[] MALFORMED = {0, 0x7f, 0, 0, 1, 2};

  private static RunningStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack = RunningStack.start("timezone: UTC");
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(1)
  void givenRecordsThatAProducerGotWrong_thenTheyAreDeadLetters() throws Exception {
    AvroCodec<UsageEvent> codec =
        AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, new HttpSchemaRegistry(stack.registry()));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> wronglyKeyed =
          new ProducerRecord<>(USAGE, bytes("my own key"), codec.encode(event()));
      ProducerRecord<byte[], byte[]> malformed = new ProducerRecord<>(USAGE, null, MALFORMED);
      wronglyKeyed.headers().add("trace", bytes("abc"));
      malformed.headers().add("trace", bytes("def"));
      producer.send(wronglyKeyed).get();
      producer.send(malformed).get();
    }

    awaitLetters(
        """
        unreadable\tdef\t\t\\N
        wrong_key\tabc\t\t\\N""");
    assertThat(facts()).isEqualTo("0");
  }

  @Test
  @Order(2)
  void givenADryRunOrAWrongQuestion_thenNothingIsSent() throws Exception {
    JsonNode dry = replay("?dryRun=true", 200);
    assertThat(counts(dry.get("total"))).isEqualTo("found 2, sent 2, already 0, failing 1");
    assertThat(dry.get("samples")).hasSize(2);

    assertThat(replay("?reason=poison", 400).get("detail").asText())
        .startsWith("reason: must be one of [unreadable,");
    assertThat(replay("?topic=rollups", 400).get("detail").asText())
        .isEqualTo("topic: must be one of [usage, costs], was rollups");
    assertThat(stack.scalar("SELECT count() FROM replays")).isEqualTo("0");
  }

  @Test
  @Order(3)
  void givenAReplay_thenWhatWasKeyedWronglyIsAFactAndWhatIsMalformedADeadLetterAgain()
      throws Exception {
    JsonNode done = replay("?by=ada&why=keys%20mended", 200);

    assertThat(counts(done.get("total"))).isEqualTo("found 2, sent 2, already 0, failing 1");
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(facts()).isEqualTo("1"));
    awaitLetters(
        """
        unreadable\tdef\t\treplayed
        unreadable\tdef\toutlay.dead-letters\t\\N
        wrong_key\tabc\t\treplayed""");
    assertThat(
            stack.scalar(
                "SELECT reason, key_corrected, replayed_by, why FROM replays ORDER BY reason"))
        .isEqualTo("unreadable\tfalse\tada\tkeys mended\nwrong_key\ttrue\tada\tkeys mended");
    assertThat(get("/q/metrics"))
        .contains("outlay_dead_letters_replayed_total{reason=\"wrong_key\"} 1.0");
    assertThat(get("/v1/dead-letters/replay")).contains("\"running\":false");
  }

  @Test
  @Order(4)
  void givenAnotherReplayAfterACrash_thenWhatWasSentIsNotSentAgain() throws Exception {
    stack.kill("streams-app");
    stack.up();

    JsonNode again = replay("", 200);

    assertThat(counts(again.get("total"))).isEqualTo("found 3, sent 1, already 2, failing 1");
    assertThat(again.get("samples")).hasSize(1);
    assertThat(counts(replay("?reason=wrong_key&source=replay-it", 200).get("total")))
        .isEqualTo("found 1, sent 0, already 1, failing 0");
    awaitLetters(
        """
        unreadable\tdef\t\treplayed
        unreadable\tdef\toutlay.dead-letters\treplayed
        unreadable\tdef\toutlay.dead-letters\t\\N
        wrong_key\tabc\t\treplayed""");
    assertThat(facts()).isEqualTo("1");
  }

  private static String facts() throws Exception {
    return stack.scalar("SELECT count() FROM usage_costs WHERE source = 'replay-it'");
  }

  private static void awaitLetters(String expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT reason, headers['trace'],"
                                + " splitByChar('/', headers['outlay-replayed-from'])[1],"
                                + " if(isNull(replayed_at), NULL, 'replayed') FROM dead_letters"
                                + " ORDER BY reason, failed_at"))
                    .isEqualTo(expected));
  }

  private static String counts(JsonNode counts) {
    return "found %d, sent %d, already %d, failing %d"
        .formatted(
            counts.get("found").asLong(),
            counts.get("sent").asLong(),
            counts.get("alreadySent").asLong(),
            counts.get("failingAgain").asLong());
  }

  private static UsageEvent event() {
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    return UsageEvent.newBuilder()
        .setId("1")
        .setSource("replay-it")
        .setEventTimeMicros(now)
        .setIngestedAtMicros(now)
        .setTeam("search")
        .setDetail(
            LlmUsage.newBuilder()
                .setProvider("openai")
                .setModel("gpt-4o")
                .setTokens(TokenCounts.newBuilder().setInput(1_000).build())
                .build())
        .build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String get(String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static JsonNode replay(String query, int status) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve("/v1/dead-letters/replay" + query))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return MAPPER.readTree(answer.body());
  }
}
