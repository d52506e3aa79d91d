package io.outlay.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.embedded.cli.AuditClient;
import io.outlay.it.EmbeddedRunningStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A stack of its own under a load, and the oracle that knows what the books must say of it. All
 * prices are there before the first event, so that nothing is rated again.
 */
final class LoadedStack implements AutoCloseable {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration REQUEST_WITHIN = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int AUDIT_SECONDS = 120;
  private static final int OK = 200;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final Oracle oracle = new Oracle();
  private final TcpProxy clickhouse = new TcpProxy();
  private final EmbeddedRunningStack stack;
  private final String kafka;
  private final Poison poison;
  private final Publisher publisher;
  private final long events;

  /**
   * Starts it. Nothing is published before {@link #allow}.
   *
   * @param events different ones, at most
   * @param kafka bootstrap servers that the programs use instead of the stack's own broker
   * @param streamThreads of each instance of streams-app
   */
  LoadedStack(
      long seed, long events, int eventsPerSecond, Optional<String> kafka, int streamThreads)
      throws Exception {
    this.events = events;
    // For the programs alone: the launcher and this test reach ClickHouse directly.
    String options = "-Doutlay.clickhouse.url=http://127.0.0.1:" + clickhouse.port();
    options += kafka.map(servers -> " -Doutlay.kafka.bootstrapServers=" + servers).orElse("");
    this.stack =
        EmbeddedRunningStack.start(
            "timezone: " + ZONE + "\n",
            clickhouse::to,
            Map.of(
                "JAVA_TOOL_OPTIONS",
                options,
                "OUTLAY_STREAMS_THREADS",
                Integer.toString(streamThreads)),
            List.of());
    this.kafka = kafka.orElseGet(stack::kafka);
    try {
      putPrices(Tariff.file());
      for (int i = 0; i < Tariff.LATE_MODELS; i++) {
        putPrices(Tariff.late(i));
      }
      poison = new Poison(this.kafka, stack.registry());
      publisher =
          new Publisher(
              new Load(seed, Instant.now().truncatedTo(ChronoUnit.SECONDS), new Tariff(0)),
              oracle,
              poison,
              events,
              eventsPerSecond,
              stack.collectors().resolve("/v1/events"));
    } catch (Exception | AssertionError e) {
      stack.close();
      throw e;
    }
  }

  EmbeddedRunningStack stack() {
    return stack;
  }

  /** Between the programs and ClickHouse. */
  TcpProxy clickhouse() {
    return clickhouse;
  }

  /** Lets events below this number go out, at the pace of the load. */
  void allow(long below) {
    publisher.allow(below);
  }

  /** Ends the load, and waits until what went out is acknowledged. */
  void finish() {
    awaitAcknowledged(publisher.hold());
  }

  /** Waits until so many events were acknowledged. */
  void awaitAcknowledged(long count) {
    await("acknowledged: " + count)
        .until(
            () -> {
              publisher.check();
              return publisher.acknowledged() >= Math.min(events, count);
            });
  }

  /** Publishes until it is acknowledged. */
  void post(String json) throws InterruptedException {
    publisher.post(List.of(json));
  }

  /**
   * Waits until all that was acknowledged is shown, and holds it against the oracle and the books
   * against each other.
   *
   * @param sink which one audits
   */
  void assertExact(URI sink) throws Exception {
    publisher.check();
    String facts = Long.toString(oracle.facts());
    UsageTopic.Expected topic = UsageTopic.read(kafka, oracle.deadLetters());
    String shown =
        "SELECT (SELECT count() FROM usage_costs WHERE source = '%s'), (SELECT DISTINCT n FROM (SELECT sum(events) AS n FROM cost_rollups WHERE NOT startsWith(team, '%s') GROUP BY window)), (SELECT count() FROM dead_letters WHERE topic LIKE '%%usage')"
            .formatted(Load.SOURCE, FaultRun.PROBES);
    String wanted = facts + "\t" + facts + "\t" + topic.deadLetters().size();
    try {
      await("all is shown").until(() -> stack.scalar(shown).equals(wanted));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      System.out.println("shown " + stack.scalar(shown) + ", wanted " + wanted);
    }
    Comparison comparison = new Comparison(stack, oracle, ZONE);
    comparison.all(topic);
    assertThat(comparison.differences()).isEmpty();
    JsonNode audit = audit(sink);
    assertThat(AuditClient.isBalanced(audit)).as(audit.toPrettyString()).isTrue();
    System.out.printf(
        "%s facts of %d records with %d dead letters are exact in %d rows%n",
        facts,
        topic.records(),
        topic.deadLetters().size(),
        comparison.compared().values().stream().mapToInt(rows -> rows).sum());
  }

  static JsonNode audit(URI sink) throws Exception {
    return AuditClient.audit(sink, AUDIT_SECONDS, line -> {});
  }

  /** Whether a program says that it is ready; false if it does not answer. */
  boolean isReady(URI program) throws InterruptedException {
    try {
      return get(program.resolve("/q/health/ready")).statusCode() == OK;
    } catch (IOException e) {
      return false;
    }
  }

  /** Sum of a counter; 0 if there is none yet. */
  double metric(URI program, String name) throws IOException, InterruptedException {
    return get(program.resolve("/q/metrics"))
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(PATIENCE).pollInterval(POLL).ignoreExceptions();
  }

  @Override
  public void close() throws Exception {
    publisher.close();
    poison.close();
    clickhouse.close();
    stack.close();
  }

  private void putPrices(String yaml) {
    await("prices are taken")
        .until(
            () ->
                http.send(
                            HttpRequest.newBuilder(stack.streams().resolve("/v1/prices"))
                                .timeout(REQUEST_WITHIN)
                                .PUT(BodyPublishers.ofString(yaml))
                                .build(),
                            BodyHandlers.ofString())
                        .statusCode()
                    == OK);
  }

  private HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(address).timeout(REQUEST_WITHIN).build(), BodyHandlers.ofString());
  }
}
