package io.outlay.client;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Kills processes while they publish, and counts what the next one delivers. */
@Timeout(120)
class KillTest {
  private static final int REPORTED = 5_000;

  /** Characters of an id and the end of its line. */
  private static final long LINE = 37;

  @TempDir Path directory;

  /** What the processes of this test run: publishes until it is killed, printing what is safe. */
  static final class Victim {
    public static void main(String[] args) {
      SpoolMode mode = SpoolMode.valueOf(args[2]);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      OutlayClient client =
          OutlayClient.builder()
              .endpoint(URI.create(args[0]))
              .source("victim")
              .defaults(all -> all.team("search"))
              .backoff(Duration.ofMillis(5), Duration.ofMillis(20))
              .linger(Duration.ofMillis(1))
              .maxQueueEvents(2_000)
              .spoolDirectory(Path.of(args[1]))
              .spoolMode(mode)
              .listener(
                  new ClientListener() {
                    @Override
                    public void spooled(List<String> ids) {
                      ids.forEach(out::println);
                    }
                  })
              .build();
      while (true) {
        PublishResult result =
            client.publish(LlmUsage.of("openai", "gpt-4o").inputTokens(12).outputTokens(3));
        if (result.status() == PublishResult.Status.SPOOLED) {
          out.println(result.id());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SpoolMode.class)
  void whatWasReportedAsSpooledSurvives(SpoolMode mode) throws Exception {
    // Given: two processes in a row that are killed in the middle of publishing
    Set<String> reported = new HashSet<>();
    reported.addAll(publishAndKill(TestCollector.uri(1), mode));
    reported.addAll(publishAndKill(TestCollector.uri(1), mode));
    assertThat(reported).hasSizeGreaterThanOrEqualTo(2 * REPORTED);

    // When
    try (TestCollector collector = new TestCollector();
        OutlayClient heir = heir(collector)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> heir.stats().recovered() > 0 && heir.stats().undelivered() == 0);

      // Then
      assertThat(collector.acceptedIds()).containsAll(reported);
      assertThat(heir.stats().delivered()).isEqualTo(heir.stats().recovered());
      assertThat(heir.stats().rejected()).isZero();
    }
  }

  @Test
  void theSpoolOfALivingProcessIsLeftAloneUntilItDies() throws Exception {
    Path output = Files.createTempFile(directory, "victim", ".out");
    Process process = start(TestCollector.uri(1), SpoolMode.ALWAYS, output);
    try (TestCollector collector = new TestCollector()) {
      awaitReports(process, output);

      // When: a client shares the directory
      try (OutlayClient neighbour = heir(collector)) {
        PublishResult own =
            neighbour.publish(LlmUsage.of("openai", "gpt-4o").team("search").inputTokens(1));
        neighbour.flush(Duration.ofSeconds(30));

        // Then
        assertThat(collector.acceptedIds()).containsExactly(own.id());
        assertThat(neighbour.stats().recovered()).isZero();
        assertThat(directory.resolve("spool-1")).isDirectory();
      }

      // When: it dies
      process.destroyForcibly().waitFor();
      try (OutlayClient heir = heir(collector)) {
        Set<String> reported = reported(output);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> collector.acceptedIds().containsAll(reported));
        assertThat(heir.stats().recovered()).isGreaterThanOrEqualTo(reported.size());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Killed while delivering: nothing is lost, and no more than what was under way comes twice. */
  @Test
  void whatWasDeliveredBeforeTheKillIsNotAllSentAgain() throws Exception {
    try (TestCollector collector = new TestCollector()) {
      Set<String> reported = publishAndKill(collector.uri(), SpoolMode.ALWAYS);
      Set<String> before = Set.copyOf(collector.acceptedIds());
      assertThat(before).isNotEmpty();

      try (OutlayClient heir = heir(collector)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> collector.acceptedIds().containsAll(reported));
        heir.flush(Duration.ofSeconds(30));
      }

      long twice = collector.accepted.values().stream().filter(times -> times > 1).count();
      assertThat(twice).isLessThanOrEqualTo(3 * 500);
      assertThat(collector.accepted.values()).allMatch(times -> times <= 2);
    }
  }

  private OutlayClient heir(TestCollector collector) {
    return OutlayClient.builder()
        .endpoint(collector.uri())
        .source("heir")
        .spoolDirectory(directory)
        .build();
  }

  private Set<String> publishAndKill(URI endpoint, SpoolMode mode)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "victim", ".out");
    Process process = start(endpoint, mode, output);
    try {
      awaitReports(process, output);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return reported(output);
  }

  private Process start(URI endpoint, SpoolMode mode, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            endpoint.toString(),
            directory.toString(),
            mode.name())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .redirectOutput(output.toFile())
        .start();
  }

  private static void awaitReports(Process process, Path output) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> !process.isAlive() || Files.size(output) >= REPORTED * LINE);
    assertThat(process.isAlive()).isTrue();
  }

  private static Set<String> reported(Path output) throws IOException {
    // The last line may be cut by the kill.
    return Files.readAllLines(output).stream()
        .filter(line -> line.length() == LINE - 1)
        .collect(Collectors.toSet());
  }
}
