package io.outlay.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever a service passes, its request goes on: nothing is thrown, everything is counted. */
class GarbageTest {
  private static final int ROUNDS = 20_000;

  private final Random random = new Random(20_261_121);

  @Test
  void publishNeverThrowsAndWhatItTakesIsReadable() throws Exception {
    try (TestCollector collector = new TestCollector();
        OutlayClient client =
            OutlayClient.builder()
                .endpoint(collector.uri())
                .source("test")
                .defaults(all -> all.team("search"))
                .build()) {
      int taken = 0;
      for (int i = 0; i < ROUNDS; i++) {
        if (client.publish(garbage()).taken()) {
          taken++;
        }
      }
      DeliveryReport report = client.flush(Duration.ofSeconds(30));

      // The collector reads every batch with a strict parser: one unreadable event would show.
      assertThat(report.published()).isEqualTo(ROUNDS);
      assertThat(report.delivered()).isEqualTo(taken).isBetween(500L, ROUNDS - 500L);
      assertThat(report.rejected() + taken).isEqualTo(ROUNDS);
    }
  }

  @Test
  void publishSurvivesHostileObjects() throws Exception {
    try (TestCollector collector = new TestCollector();
        OutlayClient client =
            OutlayClient.builder().endpoint(collector.uri()).source("test").build()) {
      Map<String, String> hostile =
          new AbstractMap<>() {
            @Override
            public Set<Entry<String, String>> entrySet() {
              throw new IllegalStateException("hostile map");
            }
          };

      List<PublishResult> results =
          List.of(
              client.publish((EventBuilder<?>) null),
              client.publish((Event) null),
              client.publish(LlmUsage.of("p", "m").team("t").inputTokens(1).tags(hostile)),
              client.publish(
                  GpuUsage.of(
                          "g",
                          new BigDecimal("1") {
                            private static final long serialVersionUID = 1;

                            @Override
                            public int signum() {
                              throw new IllegalStateException("hostile number");
                            }
                          })
                      .team("t")));

      assertThat(results).allMatch(r -> r.status() == PublishResult.Status.REJECTED);
      assertThat(results)
          .extracting(PublishResult::field)
          .containsExactly("$", "$", "data.tags", "$");
      assertThat(client.stats().rejected()).isEqualTo(4);
    }
  }

  private EventBuilder<?> garbage() {
    EventBuilder<?> event =
        switch (random.nextInt(10)) {
          case 0, 1 -> llm();
          case 2 -> GpuUsage.of(text("H100"), seconds()).utilization(fraction());
          case 3 -> ComputeUsage.ofInstance(text("m5"), duration()).purchaseOption(text("spot"));
          case 4 -> ComputeUsage.ofParts(seconds(), seconds()).cloud(text("aws"));
          case 5 -> CacheLookup.hit(text("exact"), text("p"), text("m")).inputTokens(count());
          case 6 -> StorageMove.of(count(), text("hot"), text("cold")).store(text("s3"));
          case 7 -> StorageUsage.of(text("hot"), count(), duration()).dataset(text("d"));
          case 8 -> QualityScore.of(text("m"), fraction()).model(text("x"));
          default -> DirectCost.of(text("12.5")).currency(text("EUR")).category(text("people"));
        };
    if (random.nextInt(4) == 0) {
      event.id(text("e-" + random.nextInt())).source(text("s")).requestId(text("r"));
    }
    if (random.nextInt(4) == 0) {
      event.tag(text("k"), text("v")).team(text("search")).user(text("u"));
    }
    if (random.nextInt(4) == 0) {
      event.time(
          pick(
              null,
              Instant.MIN,
              Instant.MAX,
              Instant.EPOCH,
              Instant.parse("2026-11-21T02:00:00.999999999Z")));
    }
    return event;
  }

  private LlmUsage llm() {
    LlmUsage llm = LlmUsage.of(text("openai"), text("gpt")).latency(duration());
    return random.nextBoolean()
        ? llm.inputTokens(count()).outputTokens(count())
        : llm.usage(
            pick(null, ProviderApi.OPENAI_CHAT, ProviderApi.GEMINI_GENERATE_CONTENT),
            pick(null, "", "{", "{}", "{\"a\":[1,2,{}]}", "{\"a\":1}//", "{\"a\":\ud800}", "null"));
  }

  private String text(String good) {
    Supplier<String> noise =
        () ->
            random
                .ints(5, 0, 0x10000)
                .collect(StringBuilder::new, (b, c) -> b.append((char) c), StringBuilder::append)
                .toString();
    return switch (random.nextInt(20)) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> noise.get();
      case 3 -> good.repeat(500);
      case 4 -> pick("\u0000", "\ud83d", "\ude00\ud83d", "\ud83d\ude00", "\"\\\u2028é", "NaN");
      default -> good;
    };
  }

  private long count() {
    return random.nextInt(5) == 0
        ? pick(-1L, Long.MIN_VALUE, Long.MAX_VALUE, 0L)
        : random.nextInt(1_000_000);
  }

  private double fraction() {
    return random.nextInt(5) == 0
        ? pick(Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, 1.5)
        : random.nextDouble();
  }

  private BigDecimal seconds() {
    return random.nextInt(5) == 0
        ? pick(
            null,
            new BigDecimal("1e2147483647"),
            new BigDecimal("1e-2147483647"),
            new BigDecimal("-1e2147483647"),
            new BigDecimal("9".repeat(5_000)),
            BigDecimal.ZERO.setScale(1_000_000),
            new BigDecimal("-0.0000001"))
        : BigDecimal.valueOf(random.nextInt(), 3).abs();
  }

  private Duration duration() {
    return random.nextInt(5) == 0
        ? pick(
            null,
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Duration.ofSeconds(Long.MIN_VALUE),
            Duration.ofNanos(1),
            Duration.ofMillis(-1))
        : Duration.ofMillis(random.nextInt(100_000));
  }

  @SafeVarargs
  private <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }
}
