package io.outlay.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class OutlayClientTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private final RecordingListener listener = new RecordingListener();
  private final List<OutlayClient> clients = new ArrayList<>();
  private TestCollector collector;

  @BeforeEach
  void start() throws IOException {
    collector = new TestCollector();
  }

  @AfterEach
  void stop() {
    clients.forEach(client -> client.close(Duration.ZERO));
    collector.close();
  }

  // ---- batches --------------------------------------------------------------------------------

  @Test
  void sendsGzippedBatchesWithTheKey() {
    // Given
    OutlayClient client =
        client(base().apiKey("k-1").maxBatchEvents(100).linger(Duration.ofMinutes(10)));

    // When: two batches by size; the rest waits for the flush
    Set<String> ids = publish(client, 250);
    await().until(() -> collector.requests.size() == 2);
    DeliveryReport report = client.flush(LONG);

    // Then
    assertThat(collector.requests).extracting(r -> r.events().size()).containsExactly(100, 100, 50);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
    assertThat(report.delivered()).isEqualTo(250);
    assertThat(report.undelivered()).isZero();
    TestCollector.Request request = collector.requests.get(0);
    assertThat(request.headers().getFirst("Content-Type")).isEqualTo("application/json");
    assertThat(request.headers().getFirst("Content-Encoding")).isEqualTo("gzip");
    assertThat(request.headers().getFirst("Authorization")).isEqualTo("Bearer k-1");
    assertThat(request.events().get(0).at("/data/team").asText()).isEqualTo("search");
    assertThat(request.events().get(0).get("source").asText()).isEqualTo("test");
  }

  @Test
  void aBatchStaysBelowItsBytes() {
    OutlayClient client = client(base().maxBatchBytes(8 << 10).linger(Duration.ofMillis(5)));

    Set<String> ids = publish(client, 200);
    client.flush(LONG);

    assertThat(collector.acceptedIds()).isEqualTo(ids);
    assertThat(collector.requests).allMatch(request -> request.bytes() <= 8 << 10);
  }

  @Test
  void anEventGoesOutAfterTheLingerWithoutAnyFlush() {
    OutlayClient client = client(base().linger(Duration.ofMillis(20)));

    Set<String> ids = publish(client, 3);

    await().until(() -> collector.acceptedIds().equals(ids));
  }

  // ---- failures -------------------------------------------------------------------------------

  @Test
  void waitsAsLongAsRetryAfterSays() {
    // Given
    AtomicLong nanos = new AtomicLong();
    collector.next.add(r -> TestCollector.problem(503, "away", Map.of("Retry-After", "7")));
    OutlayClient client = client(base().ticker(nanos::get).random(() -> 0));

    // When
    Set<String> ids = publish(client, 3);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    client.wake();
    await().until(() -> listener.retries.size() == 1);

    // Then: not a moment before
    assertThat(listener.retries).containsExactly(Duration.ofSeconds(7));
    nanos.addAndGet(Duration.ofMillis(6_900).toNanos());
    client.wake();
    await().during(Duration.ofMillis(150)).until(() -> collector.requests.size() == 1);
    nanos.addAndGet(Duration.ofMillis(200).toNanos());
    client.wake();
    await().until(() -> collector.acceptedIds().equals(ids));
    assertThat(collector.requests).hasSize(2);
    assertThat(collector.requests.get(1).ids()).isEqualTo(collector.requests.get(0).ids());
  }

  @Test
  void triesAgainUntilTheCollectorTakesIt() {
    for (int status : new int[] {500, 429, 408, 502, 503}) {
      collector.next.add(r -> TestCollector.problem(status, "no", Map.of()));
    }
    OutlayClient client = client(base());

    Set<String> ids = publish(client, 10);
    DeliveryReport report = client.flush(LONG);

    assertThat(report.delivered()).isEqualTo(10);
    assertThat(listener.retries).hasSize(5);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
    assertThat(collector.accepted.values()).containsOnly(1);
  }

  @Test
  void halvesWhatIsTooLarge() {
    collector.standing =
        request ->
            request.events().size() > 3
                ? TestCollector.problem(413, "too many", Map.of())
                : TestCollector.acceptAll(request);
    OutlayClient client = client(base());

    Set<String> ids = publish(client, 20);
    DeliveryReport report = client.flush(LONG);

    assertThat(report.delivered()).isEqualTo(20);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
    assertThat(collector.accepted.values()).containsOnly(1);
  }

  @Test
  void anEventThatAloneIsTooLargeIsRejectedAndHarmsNoOther() {
    collector.standing =
        request ->
            request.ids().contains("poison")
                ? TestCollector.problem(413, "too large", Map.of())
                : TestCollector.acceptAll(request);
    OutlayClient client = client(base());

    Set<String> ids = publish(client, 9);
    client.publish(event().id("poison"));
    DeliveryReport report = client.flush(LONG);

    assertThat(report.delivered()).isEqualTo(9);
    assertThat(report.rejected()).isEqualTo(1);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
    await().until(() -> listener.rejections.size() == 1);
    assertThat(listener.rejections.get(0).id()).isEqualTo("poison");
    assertThat(listener.rejections.get(0).error()).contains("HTTP 413").contains("too large");
  }

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void reportsWhatTheCollectorRejects(SpoolMode mode) {
    // Given
    collector.next.add(
        r ->
            TestCollector.answer(
                207,
                """
                {"accepted":3,"rejected":[{"index":1,"field":"time","error":"must not be ahead"}]}
                """));
    collector.next.add(
        r ->
            TestCollector.answer(
                400,
                """
                {"accepted":0,"rejected":[
                  {"index":0,"id":"x","field":"data.team","error":"must be a, was b"},
                  {"index":1,"id":"y","field":"data.team","error":"must be a, was b"}]}"""));
    OutlayClient client = client(base().spoolDirectory(directory).spoolMode(mode));

    // When
    List<String> ids = List.copyOf(publish(client, 4));
    client.flush(LONG);
    client.publish(event().id("x"));
    client.publish(event().id("y"));
    DeliveryReport report = client.flush(LONG);

    // Then
    assertThat(report.delivered()).isEqualTo(3);
    assertThat(report.rejected()).isEqualTo(3);
    assertThat(report.undelivered()).isZero();
    await().until(() -> listener.rejections.size() == 3);
    String second = collector.requests.get(0).ids().get(1);
    assertThat(ids).contains(second);
    assertThat(listener.rejections)
        .contains(
            new Rejection(second, "time", "must not be ahead", true),
            new Rejection("x", "data.team", "must be a, was b", true));
    assertThat(collector.requests).hasSize(2);
  }

  @Test
  void keepsEventsWhileItsKeyIsRefused() {
    // Given
    collector.standing = r -> TestCollector.problem(401, "unknown key", Map.of());
    OutlayClient client = client(base().refusedBackoff(Duration.ofMillis(50)));

    // When
    Set<String> ids = publish(client, 10);
    await().until(() -> listener.refusals.size() >= 2);
    assertThat(client.stats().queued()).isEqualTo(10);
    collector.standing = TestCollector::acceptAll;

    // Then
    assertThat(client.flush(LONG).delivered()).isEqualTo(10);
    assertThat(listener.refusals).containsOnly(401);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
  }

  @Test
  void whenAllIsFullTheEventIsDroppedAndReported() {
    collector.standing = r -> TestCollector.problem(503, "away", Map.of("Retry-After", "60"));
    OutlayClient client = client(base().maxQueueEvents(10));

    List<PublishResult> results = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      results.add(client.publish(event()));
    }

    assertThat(results.subList(0, 10)).allMatch(PublishResult::taken);
    assertThat(results.subList(10, 15))
        .allMatch(r -> r.status() == PublishResult.Status.DROPPED)
        .allMatch(r -> "the queue is full".equals(r.reason()));
    assertThat(client.stats().dropped()).isEqualTo(5);
    await().until(() -> listener.drops.size() == 5);
    balanced(client.close(Duration.ZERO), 15);
  }

  @Test
  void memoryIsBoundedByBytes() {
    collector.standing = r -> TestCollector.problem(503, "away", Map.of("Retry-After", "60"));
    OutlayClient client = client(base().maxQueueBytes(100_000));

    for (int i = 0; i < 1_000; i++) {
      client.publish(event().tag("t", "x".repeat(256)));
    }

    assertThat(client.stats().queued()).isBetween(100L, 200L);
    assertThat(client.stats().dropped()).isEqualTo(1_000 - client.stats().queued());
  }

  // ---- away and back --------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void whatIsPublishedWhileTheCollectorIsAwayArrivesOnceItIsBack(SpoolMode mode)
      throws IOException {
    // Given: nobody listens
    int port = freePort();
    OutlayClient client =
        client(
            base()
                .endpoint(TestCollector.uri(port))
                .maxQueueEvents(2_000)
                .linger(Duration.ofMillis(5))
                .spoolDirectory(directory)
                .spoolMode(mode));

    // When: more than memory could hold
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      ids.addAll(publish(client, 1_500));
      await().until(() -> client.stats().queued() == 0);
    }
    DeliveryReport away = client.flush(LONG);
    assertThat(away.spooled()).isEqualTo(7_500);
    assertThat(away.dropped()).isZero();

    // Then
    try (TestCollector back = new TestCollector(port)) {
      await().atMost(LONG).until(() -> client.stats().undelivered() == 0);
      assertThat(back.acceptedIds()).isEqualTo(ids);
      assertThat(back.accepted.values()).containsOnly(1);
      balanced(client.close(LONG), 7_500);
    }
    assertThat(segmentsIn(directory)).isZero();
  }

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void closingSavesWhatTheNextClientDelivers(SpoolMode mode) throws IOException {
    // Given
    OutlayClient first =
        client(
            base()
                .endpoint(TestCollector.uri(freePort()))
                .spoolDirectory(directory)
                .spoolMode(mode));
    Set<String> ids = publish(first, 1_000);

    // When
    DeliveryReport left = first.close(LONG);
    assertThat(left.spooled()).isEqualTo(1_000);
    balanced(left, 1_000);
    OutlayClient second = client(base().spoolDirectory(directory));

    // Then
    await().until(() -> collector.acceptedIds().equals(ids));
    await().until(() -> second.stats().spooled() == 0);
    assertThat(second.stats().recovered()).isEqualTo(1_000);
    balanced(second.close(LONG), 0);
  }

  @Test
  void aFullSpoolFallsBackToMemoryAndThenDrops() throws IOException {
    OutlayClient client =
        client(
            base()
                .endpoint(TestCollector.uri(freePort()))
                .spoolDirectory(directory)
                .spoolMode(SpoolMode.ALWAYS)
                .maxSpoolBytes(1 << 20)
                .maxQueueEvents(100));

    Map<PublishResult.Status, Integer> counts = new EnumMap<>(PublishResult.Status.class);
    for (int i = 0; i < 4_000; i++) {
      counts.merge(client.publish(event().tag("t", "x".repeat(256))).status(), 1, Integer::sum);
    }

    assertThat(counts.get(PublishResult.Status.SPOOLED)).isBetween(1_000, 3_000);
    assertThat(counts.get(PublishResult.Status.QUEUED)).isEqualTo(100);
    assertThat(counts.get(PublishResult.Status.DROPPED)).isPositive();
    DeliveryReport report = client.close(Duration.ofMillis(200));
    assertThat(report.spooled()).isEqualTo(counts.get(PublishResult.Status.SPOOLED).longValue());
    assertThat(report.queued()).isEqualTo(100);
    balanced(report, 4_000);
  }

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void aHangingCollectorHoldsUpNeitherPublishNorClose(SpoolMode mode) {
    // Given
    CountDownLatch release = new CountDownLatch(1);
    collector.standing =
        request -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return TestCollector.acceptAll(request);
        };
    OutlayClient client =
        client(
            base()
                .maxQueueEvents(4_000)
                .spoolDirectory(directory)
                .spoolMode(mode)
                .requestTimeout(Duration.ofMinutes(5)));
    try {
      // When
      publish(client, 1_000);
      await().until(() -> !collector.requests.isEmpty());
      long slowest = 0;
      for (int i = 0; i < 10; i++) {
        long start = System.nanoTime();
        publish(client, 1_000);
        slowest = Math.max(slowest, System.nanoTime() - start);
        await().until(() -> client.stats().queued() < 3_000);
      }
      long start = System.nanoTime();
      DeliveryReport report = client.close(Duration.ofMillis(300));
      long closing = System.nanoTime() - start;

      // Then
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(3));
      assertThat(Duration.ofNanos(closing)).isLessThan(Duration.ofSeconds(2));
      assertThat(report.dropped()).isZero();
      assertThat(report.spooled()).isEqualTo(11_000);
      balanced(report, 11_000);
    } finally {
      release.countDown();
    }
  }

  @Test
  void withoutASpoolCloseTellsWhatIsLost() {
    collector.standing = r -> TestCollector.problem(503, "away", Map.of("Retry-After", "60"));
    OutlayClient client = client(base());

    publish(client, 7);
    DeliveryReport report = client.close(Duration.ofMillis(300));

    assertThat(report.queued()).isEqualTo(7);
    assertThat(client.publish(event()).status()).isEqualTo(PublishResult.Status.DROPPED);
    assertThat(client.flush(Duration.ZERO).dropped()).isEqualTo(1);
  }

  @Test
  void aRequestThatHangsIsGivenUpAndSentAgain() {
    // Given
    CountDownLatch release = new CountDownLatch(1);
    collector.next.add(
        request -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return TestCollector.problem(500, "late", Map.of());
        });
    OutlayClient client = client(base().requestTimeout(Duration.ofMillis(200)));

    // When
    Set<String> ids = publish(client, 5);
    DeliveryReport report = client.flush(LONG);
    release.countDown();

    // Then
    assertThat(report.delivered()).isEqualTo(5);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
  }

  // ---- callers --------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void sixteenThreadsLoseNothingAndTheBooksBalanceAllAlong(SpoolMode mode) throws Exception {
    // Given: a collector that fails one request in four
    AtomicLong count = new AtomicLong();
    collector.standing =
        request ->
            count.incrementAndGet() % 4 == 0
                ? TestCollector.problem(503, "busy", Map.of())
                : TestCollector.acceptAll(request);
    OutlayClient client =
        client(
            base()
                .linger(Duration.ofMillis(2))
                .maxQueueEvents(100_000)
                .spoolDirectory(directory)
                .spoolMode(mode));
    Set<String> ids = ConcurrentHashMap.newKeySet();
    List<Thread> threads = new ArrayList<>();

    // When
    for (int t = 0; t < 16; t++) {
      Thread thread = new Thread(() -> ids.addAll(publish(client, 1_000)));
      threads.add(thread);
      thread.start();
    }
    while (threads.stream().anyMatch(Thread::isAlive)) {
      balanced(client.stats());
    }
    for (Thread thread : threads) {
      thread.join();
    }
    await().atMost(LONG).until(() -> client.stats().delivered() == 16_000);

    // Then
    DeliveryReport report = client.close(LONG);
    assertThat(ids).hasSize(16_000);
    assertThat(collector.acceptedIds()).isEqualTo(ids);
    assertThat(report.delivered()).isEqualTo(16_000);
    balanced(report, 16_000);
  }

  @Test
  void aListenerThatThrowsOrSleepsHarmsNothing() {
    CountDownLatch release = new CountDownLatch(1);
    OutlayClient client =
        client(
            base()
                .listener(
                    new ClientListener() {
                      @Override
                      public void delivered(int events) {
                        try {
                          release.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                        throw new IllegalStateException("listener of the test");
                      }
                    }));

    publish(client, 5);
    assertThat(client.flush(LONG).delivered()).isEqualTo(5);
    publish(client, 5);
    assertThat(client.flush(LONG).delivered()).isEqualTo(10);
    release.countDown();
  }

  @Test
  void anInvalidEventIsRejectedWithoutBeingSent() {
    OutlayClient client = client(base());

    PublishResult result = client.publish(event().id("e-1").outputTokens(-5));

    assertThat(result)
        .isEqualTo(
            new PublishResult(
                PublishResult.Status.REJECTED,
                "e-1",
                "data.tokens.output",
                "must be >= 0, was -5"));
    await().until(() -> listener.rejections.size() == 1);
    assertThat(listener.rejections.get(0))
        .isEqualTo(new Rejection("e-1", "data.tokens.output", "must be >= 0, was -5", false));
    assertThat(client.flush(LONG).rejected()).isEqualTo(1);
    assertThat(collector.requests).isEmpty();
  }

  @Test
  void anEventLargerThanABatchIsRejected() {
    OutlayClient client = client(base().maxBatchBytes(4 << 10));
    String usage = "{\"a\":\"" + "x".repeat(4_000) + "\"}";

    PublishResult result =
        client.publish(LlmUsage.of("p", "m").usage(ProviderApi.OPENAI_CHAT, usage));

    assertThat(result.status()).isEqualTo(PublishResult.Status.REJECTED);
    assertThat(result.reason()).startsWith("must have at most 3072 bytes of JSON, had 4");
  }

  @Test
  void wrongSettingsAreNamedWithTheirValue() {
    URI uri = TestCollector.uri(1);
    assertFault(OutlayClient.builder(), "endpoint is required");
    assertFault(
        base().endpoint(URI.create("ftp://x")),
        "endpoint must be such as https://host:8080, was ftp://x");
    assertFault(OutlayClient.builder().endpoint(uri), "source is required");
    assertFault(base().source("a\nb"), "source: must have no control characters");
    assertFault(base().apiKey("a\r\nb"), "apiKey must be visible ASCII characters");
    assertFault(base().maxBatchEvents(0), "maxBatchEvents must be 1 to 10000, was 0");
    assertFault(base().maxInFlight(65), "maxInFlight must be 1 to 64, was 65");
    assertFault(base().maxSpoolBytes(9), "maxSpoolBytes must be >= 1048576, was 9");
    assertFault(
        base().requestTimeout(Duration.ZERO), "requestTimeout must be more than 0 to a day");
    assertFault(base().defaults(d -> d.team("x".repeat(129))), "data.team: must have at most 128");
    assertFault(
        base().spoolMode(SpoolMode.ALWAYS), "spoolDirectory is required for spoolMode ALWAYS");
  }

  @Test
  void aSpoolThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");

    assertThatThrownBy(() -> base().spoolDirectory(file).build())
        .hasMessageStartingWith("spoolDirectory cannot be used, was " + file);
  }

  // ---- helpers --------------------------------------------------------------------------------

  private OutlayClient.Builder base() {
    return OutlayClient.builder()
        .endpoint(collector.uri())
        .source("test")
        .defaults(all -> all.team("search"))
        .listener(listener)
        .backoff(Duration.ofMillis(5), Duration.ofMillis(20));
  }

  private OutlayClient client(OutlayClient.Builder builder) {
    OutlayClient client = builder.build();
    clients.add(client);
    return client;
  }

  private static void assertFault(OutlayClient.Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static LlmUsage event() {
    return LlmUsage.of("openai", "gpt-4o").inputTokens(12).outputTokens(3);
  }

  /** Ids of events that the client took. */
  private static Set<String> publish(OutlayClient client, int count) {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < count; i++) {
      PublishResult result = client.publish(event());
      assertThat(result.taken()).as("%s", result).isTrue();
      ids.add(result.id());
    }
    return ids;
  }

  private static void balanced(DeliveryReport report, long published) {
    assertThat(report.published()).isEqualTo(published);
    balanced(report);
  }

  private static void balanced(DeliveryReport report) {
    assertThat(
            report.delivered()
                + report.rejected()
                + report.dropped()
                + report.queued()
                + report.spooled())
        .as("%s", report)
        .isEqualTo(report.published() + report.recovered());
    assertThat(Math.min(report.queued(), report.spooled())).as("%s", report).isNotNegative();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static long segmentsIn(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(path -> path.toString().endsWith(".spool")).count();
    }
  }
}
