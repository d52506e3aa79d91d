package io.outlay.collectors.pull;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.UsageEvent;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

class DcgmFormatTest {
  private static final String U0 = "GPU-3f1c9a52-7d0e-4b8e-9c65-0a1b2c3d4e5f";
  private static final String U1 = "GPU-b8a4e0d7-52c1-4f6a-8d3e-91f7c6a05e21";
  private static final Slot SLOT =
      Slot.at(Instant.parse("2026-11-21T01:59:51Z"), Duration.ofSeconds(15));
  private static final GpuTarget TARGET =
      new GpuTarget(
          "node-1",
          URI.create("http://127.0.0.1:9400/metrics"),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          "platform",
          "spot",
          "aws",
          "us-east-1",
          "prod");
  private static final Attribution.Entry ML =
      new Attribution.Entry(
          Attribution.By.NAMESPACE, "ml-*", new Owner("ml", "models", "training", ""));

  static String example(String name) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(DcgmFormatTest.class.getResourceAsStream("/dcgm/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void givenPods_thenEveryFieldIsSet() throws Exception {
    UsageEvent event = read(example("pods.txt")).events().get(0);

    assertThat(event)
        .isEqualTo(
            UsageEvent.newBuilder()
                .setId(U0 + "/gpu/ml-training/llm-finetune-0/2026-11-21T01:59:45Z")
                .setSource("dcgm:node-1")
                .setEventTimeMicros(1_795_226_385_000_000L)
                .setIngestedAtMicros(1_795_226_400_000_001L)
                .setTeam("ml")
                .setProject("models")
                .setFeature("training")
                .setEnvironment("prod")
                .setRegion("us-east-1")
                .setTags(Map.of("gpu.uuid", U0, "container", "trainer"))
                .setDetail(
                    GpuUsage.newBuilder()
                        .setGpuModel("A100-80GB")
                        .setGpuMicros(15_000_000)
                        .setUtilizationMillionths(912_345)
                        .setPurchaseOption("spot")
                        .setCloud("aws")
                        .setNode("gpu-node-1")
                        .setWorkload("ml-training/llm-finetune-0")
                        .build())
                .build());
  }

  @Test
  void givenNoPods_thenGpusAreIdleAndTheTargetsTeamPays() throws Exception {
    assertThat(shares("plain.txt"))
        .containsExactly(
            tuple("platform", "A100-80GB", "", 15_000_000L, 870_000),
            tuple("platform", "A100-80GB", "", 15_000_000L, 0));
    assertThat(read(example("plain.txt")).events())
        .extracting(UsageEvent::getId)
        .containsExactly(U0 + "/gpu///2026-11-21T01:59:45Z", U1 + "/gpu///2026-11-21T01:59:45Z");
  }

  @Test
  void givenTimeSlicing_thenPodsShareEqually() throws Exception {
    assertThat(shares("time-slicing.txt"))
        .containsExactly(
            tuple("platform", "T4", "chat/guard-6d4cf-lw2mh", 5_000_000L, 641_509),
            tuple("platform", "T4", "search/embed-5f6b4-q8zzn", 5_000_000L, 641_509),
            tuple("platform", "T4", "search/rerank-7c9d8-2xkqv", 5_000_000L, 641_509));
    assertThat(read(example("time-slicing.txt")).events().get(0).getTags())
        .containsEntry("container", "guard,sidecar");
  }

  @Test
  void givenMig_thenSlicesAreDividedAndTheRestIsIdle() throws Exception {
    assertThat(shares("mig.txt"))
        .containsExactly(
            tuple("ml", "A100-80GB", "ml-training/eval-0", 6_428_571L, 700_100),
            tuple("platform", "A100-80GB", "search/rerank-a", 2_142_857L, 250_000),
            tuple("platform", "A100-80GB", "search/rerank-b", 2_142_857L, 250_000),
            tuple("platform", "A100-80GB", "", 2_142_857L, 0),
            tuple("platform", "A100-80GB", "", 2_142_858L, 0));
    List<UsageEvent> events = read(example("mig.txt")).events();
    assertThat(events)
        .extracting(event -> event.getTags().get("gpu.mig.profile"))
        .containsExactly("3g.40gb", "2g.20gb", "2g.20gb", "1g.10gb", null);
    assertThat(events).extracting(UsageEvent::getId).doesNotHaveDuplicates();
    assertThat(events.stream().mapToLong(e -> ((GpuUsage) e.getDetail()).getGpuMicros()).sum())
        .isEqualTo(15_000_000);
  }

  @Test
  void givenBlanks_thenTheOtherMetricOrNone() throws Exception {
    assertThat(shares("sentinels.txt"))
        .containsExactly(
            tuple("platform", "L4", "", 15_000_000L, 420_000),
            tuple("platform", "L4", "", 15_000_000L, null));
  }

  @Test
  void givenLabelsOfPrometheus_thenTheExportersOwnPodIsNotTaken() throws Exception {
    assertThat(shares("federated.txt"))
        .containsExactly(
            tuple("platform", "H100", "chat/vllm-0", 15_000_000L, 710_000),
            tuple("platform", "H100", "", 15_000_000L, 0));
  }

  @Test
  void givenMalformedLine_thenRejectedByItsNumberAndTheGpusAreCounted() throws Exception {
    Collected collected = read("oops{\n" + example("plain.txt"));

    assertThat(collected.events()).isEqualTo(read(example("plain.txt")).events());
    assertThat(collected.rejections())
        .containsExactly(
            new Rejection(0, null, "line 1", "must have a label or }, had its end there"));
  }

  @Test
  void givenNoGpu_thenUnreadableAndNothingIsKept() {
    for (String body : List.of("", "# nothing\n", "go_goroutines 7\n", "<html>\n")) {
      assertThatThrownBy(
              () ->
                  Collected.of(
                      new DcgmFormat(
                          TARGET,
                          SLOT,
                          text -> {
                            throw new AssertionError("must not be kept");
                          }),
                      body))
          .isInstanceOf(UnreadableBodyException.class)
          .hasMessageStartingWith("shows no GPU by DCGM");
    }
  }

  @Test
  void givenVeryLongPodName_thenTheTimeIsStillCounted() throws Exception {
    String longName = "p".repeat(253);
    UsageEvent event =
        read(example("pods.txt").replace("llm-finetune-0", longName)).events().get(0);

    assertThat(event.getId()).hasSize(32 + 1 + 20).endsWith("/2026-11-21T01:59:45Z");
    assertThat(((GpuUsage) event.getDetail()).getWorkload()).hasSize(256);
    assertThat(event.getWarning()).isEqualTo("workload cut to 256 characters");
  }

  @Test
  void givenControlCharactersInLabel_thenRejectedNamingTheField() throws Exception {
    Collected collected = read(example("pods.txt").replace("llm-finetune-0", "a\\nb"));

    assertThat(collected.rejections()).hasSize(1);
    assertThat(collected.rejections().get(0).field()).isEqualTo("id");
    assertThat(collected.events()).hasSize(1);
  }

  private static List<Tuple> shares(String example) throws Exception {
    return read(example(example)).events().stream()
        .map(
            event -> {
              GpuUsage gpu = (GpuUsage) event.getDetail();
              return tuple(
                  event.getTeam(),
                  gpu.getGpuModel(),
                  gpu.getWorkload(),
                  gpu.getGpuMicros(),
                  gpu.getUtilizationMillionths());
            })
        .toList();
  }

  private static Collected read(String text) throws Exception {
    return Collected.of(
        new DcgmFormat(TARGET, SLOT, kept -> {}),
        text,
        Collected.reception(new Publisher("puller:node-1", null), ML));
  }
}
