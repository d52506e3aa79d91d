package io.outlay.streams.rollup;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.TestEvents;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Facts of all kinds that rollups tell apart, over a few scopes and hours, and what each adds. */
public final class RandomFacts {
  private final Random random;
  private int made;

  public RandomFacts(Random random) {
    this.random = random;
  }

  /** An event and its rating. */
  public record RatedEvent(UsageEvent event, Rating rating) {}

  public RatedEvent next() {
    UsageEvent event = TestEvents.event("e" + made++, detail());
    event.setEventTimeMicros(event.getEventTimeMicros() + random.nextLong(-7_200_000_000L, 1));
    event.setTeam(one("search", "ads"));
    event.setFeature(one("rank", "", "chat"));
    event.setProject(one("shop", ""));
    event.setCustomer(one("acme", "", "a=b&c%+ é"));
    event.setUser(one("u1", "u2"));
    event.setEnvironment(one("prod", "test"));
    event.setRegion(one("eu", ""));
    event.setTags(random.nextBoolean() ? Map.of("tier", one("gold", "")) : Map.of());
    return new RatedEvent(event, rating(1));
  }

  /** Another rating of an event. */
  Rating rating(int revision) {
    boolean unpriced = random.nextInt(5) == 0;
    return new Rating(
        unpriced ? PricingStatus.UNPRICED : PricingStatus.PRICED,
        "",
        "",
        0,
        unpriced ? 0 : random.nextInt(4) == 0 ? random.nextLong(1L << 59) : random.nextLong(100),
        unpriced ? 0 : random.nextLong(1_000_000_000_000L),
        random.nextBoolean() ? random.nextLong(-1_000, 1_000) : null,
        null,
        null,
        revision,
        1);
  }

  private Object detail() {
    return switch (random.nextInt(6)) {
      case 0 ->
          new GpuUsage(
              "H100",
              random.nextInt(10) == 0 ? 1_000_000_000_000_000L : random.nextLong(10_000_000),
              random.nextInt(3) == 0 ? null : random.nextInt(1_000_001),
              "spot",
              one("aws", ""),
              "",
              "");
      case 1 ->
          random.nextBoolean()
              ? new CacheLookup("exact", false, "", "", null)
              : new CacheLookup("semantic", true, "openai", "mini", tokens());
      case 2 ->
          new QualityScore("faithfulness", random.nextInt(1_000_001), one("mini", "maxi", ""));
      case 3 -> new DirectCost(5L, "USD", "people", "");
      default ->
          new LlmUsage(
              one("openai", "google"),
              one("mini", "maxi"),
              "",
              one("chat", "embedding", ""),
              "",
              false,
              random.nextBoolean() ? random.nextLong(86_400_001) : null,
              one("ok", "error", "", "timeout"),
              tokens(),
              random.nextLong(10),
              0L,
              null);
    };
  }

  private TokenCounts tokens() {
    return new TokenCounts(n(), n(), n(), n(), n(), n(), n(), n(), n(), n());
  }

  private long n() {
    return random.nextLong(1_000_000_000_001L);
  }

  private String one(String... values) {
    return values[random.nextInt(values.length)];
  }

  /** What a fact adds to each sum, by the name of its field; what is missing is 0. */
  static Map<String, BigDecimal> shares(UsageEvent event, Rating rating) {
    Map<String, BigDecimal> shares = new HashMap<>();
    put(shares, "events", 1);
    put(shares, "unpricedEvents", rating.status() == PricingStatus.UNPRICED ? 1 : 0);
    shares.put("cost", usd(rating.costPico()));
    shares.put("listCost", usd(rating.listCostPico()));
    shares.put("avoidedCost", usd(rating.avoidedCostPico() == null ? 0 : rating.avoidedCostPico()));
    if (event.getDetail() instanceof LlmUsage llm) {
      TokenCounts t = llm.getTokens();
      put(shares, "requests", llm.getRequests());
      put(
          shares,
          "inputTokens",
          t.getInput()
              + t.getCacheRead()
              + t.getCacheWrite5m()
              + t.getCacheWrite1h()
              + t.getInputAudio()
              + t.getInputImage());
      put(
          shares,
          "outputTokens",
          t.getOutput() + t.getReasoning() + t.getOutputAudio() + t.getOutputImage());
      put(shares, "statusEvents", llm.getStatus().isEmpty() ? 0 : 1);
      put(shares, "errors", llm.getStatus().isEmpty() || llm.getStatus().equals("ok") ? 0 : 1);
      put(shares, "latencyEvents", llm.getLatencyMs() == null ? 0 : 1);
      put(shares, "latencyMillis", llm.getLatencyMs() == null ? 0 : llm.getLatencyMs());
    }
    if (event.getDetail() instanceof GpuUsage gpu) {
      BigDecimal millis =
          BigDecimal.valueOf(gpu.getGpuMicros(), 3).setScale(0, RoundingMode.HALF_UP);
      shares.put("gpuMillis", millis);
      if (gpu.getUtilizationMillionths() != null) {
        BigDecimal used = BigDecimal.valueOf(gpu.getUtilizationMillionths(), 6);
        shares.put("gpuMeasuredMillis", millis);
        shares.put("gpuBusyMillis", millis.multiply(used).setScale(0, RoundingMode.HALF_UP));
        shares.put(
            "gpuIdleCost",
            usd(rating.costPico())
                .multiply(BigDecimal.ONE.subtract(used))
                .setScale(12, RoundingMode.HALF_EVEN));
      }
    }
    if (event.getDetail() instanceof CacheLookup lookup) {
      put(shares, "cacheLookups", 1);
      put(shares, "cacheHits", lookup.getHit() ? 1 : 0);
    }
    if (event.getDetail() instanceof QualityScore score) {
      put(shares, "scoreEvents", 1);
      put(shares, "scoreMillionths", score.getScoreMillionths());
    }
    return shares;
  }

  private static void put(Map<String, BigDecimal> shares, String field, long value) {
    shares.put(field, BigDecimal.valueOf(value));
  }

  private static BigDecimal usd(long pico) {
    return BigDecimal.valueOf(pico, 12);
  }
}
