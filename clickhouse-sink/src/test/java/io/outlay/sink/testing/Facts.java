package io.outlay.sink.testing;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.CostRecord;
import io.outlay.schema.CostRollup;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.ProviderUsage;
import io.outlay.schema.QualityScore;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.EventKey;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Facts and rollups. */
public final class Facts {
  public static final Instant NOON = Instant.parse("2026-11-20T12:00:00.123456Z");

  private Facts() {}

  public static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** A fact about a call of a model. */
  public static CostRecord fact(String id, Instant time, long costPico) {
    return fact(id, time, costPico, call());
  }

  public static CostRecord fact(String id, Instant time, long costPico, Object detail) {
    UsageEvent event =
        UsageEvent.newBuilder()
            .setId(id)
            .setSource("test")
            .setEventTimeMicros(micros(time))
            .setIngestedAtMicros(micros(time) + 5)
            .setTeam("search")
            .setProject("shop")
            .setFeature("rank")
            .setCustomer("acme")
            .setUser("Zoë")
            .setEnvironment("prod")
            .setRegion("eu")
            .setRequestId("r-1")
            .setTraceId("t-1")
            .setTags(Map.of("k", "v"))
            .setWarning("more cached than prompt")
            .setProviderUsage(new ProviderUsage("openai.chat", "{\"prompt_tokens\":1}"))
            .setDetail(detail)
            .build();
    return CostRecord.newBuilder()
        .setPricingStatus(PricingStatus.PRICED)
        .setReason("")
        .setPriceId("openai/gpt")
        .setPriceVersion(2)
        .setCostPico(costPico)
        .setListCostPico(costPico + 1)
        .setAvoidedCostPico(-3L)
        .setPromptCacheSavedPico(-4L)
        .setTierSavedPico(null)
        .setRevision(1)
        .setRatedAtMicros(micros(time) + 9)
        .setUsage(event)
        .build();
  }

  /** The Kafka key of a fact. */
  public static byte[] key(CostRecord fact) {
    return EventKey.of(fact.getUsage().getSource(), fact.getUsage().getId()).toBytes();
  }

  public static LlmUsage call() {
    return LlmUsage.newBuilder()
        .setProvider("openai")
        .setModel("gpt")
        .setBaselineModel("o3")
        .setOperation("chat")
        .setServiceTier("flex")
        .setBatch(true)
        .setLatencyMs(812L)
        .setStatus("ok")
        .setTokens(new TokenCounts(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L))
        .setRequests(11)
        .setWebSearches(12)
        .setMedia(new MediaCounts(13L, 14L, 15_000_000L, 16L))
        .build();
  }

  /** One of every kind of usage. */
  public static List<Object> everyKind() {
    return List.of(
        call(),
        new GpuUsage("H100", 1_500_000L, 250_000, "spot", "aws", "node-1", "train"),
        new ComputeUsage("m7i", 2_000_000L, 3_000_000L, 4_000_000L, "reserved", "gcp"),
        new CacheLookup(
            "exact",
            true,
            "openai",
            "gpt",
            new TokenCounts(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L)),
        new StorageMove("lake", "logs", 1_000_000_000_000_000_000L, "hot", "cold"),
        new StorageUsage("lake", "logs", "warm", 77L, 86_400_000_000L),
        new NetworkTransfer(99L, "egress", "azure"),
        new QualityScore("faithfulness", 875_000, "gpt"),
        new DirectCost(-5_000_000_000_001L, "EUR", "people", "hands"));
  }

  public static CostRollup rollup(RollupWindow window, Instant start, long revision, String cost) {
    return CostRollup.newBuilder()
        .setWindow(window)
        .setWindowStartMicros(micros(start))
        .setTeam("search")
        .setModel("gpt")
        .setFeature("rank")
        .setEvents(revision)
        .setUnpricedEvents(1)
        .setCost(new BigDecimal(cost).setScale(12))
        .setListCost(new BigDecimal(cost).setScale(12))
        .setAvoidedCost(new BigDecimal("-1.5").setScale(12))
        .setRequests(4)
        .setInputTokens(5)
        .setOutputTokens(6)
        .setRevision(revision)
        .setLastEventMicros(micros(start) + 7)
        .setStatusEvents(8)
        .setErrors(9)
        .setLatencyEvents(10)
        .setLatencyMillis(11)
        .setGpuMillis(12)
        .setGpuMeasuredMillis(13)
        .setGpuBusyMillis(14)
        .setGpuIdleCost(new BigDecimal("0.000000000015"))
        .setCacheLookups(16)
        .setCacheHits(17)
        .setScoreEvents(18)
        .setScoreMillionths(19)
        .build();
  }

  /** An hour of a scope of a cut. */
  public static ScopeRollup scopeRollup(Instant start, long revision, Map<String, String> scope) {
    String cost = "1.5";
    return ScopeRollup.newBuilder()
        .setWindow(RollupWindow.HOUR)
        .setWindowStartMicros(micros(start))
        .setScope(scope)
        .setEvents(revision)
        .setUnpricedEvents(1)
        .setCost(new BigDecimal(cost).setScale(12))
        .setListCost(new BigDecimal(cost).setScale(12))
        .setAvoidedCost(new BigDecimal("-1.5").setScale(12))
        .setRequests(4)
        .setInputTokens(5)
        .setOutputTokens(6)
        .setRevision(revision)
        .setLastEventMicros(micros(start) + 7)
        .setStatusEvents(8)
        .setErrors(9)
        .setLatencyEvents(10)
        .setLatencyMillis(11)
        .setGpuMillis(12)
        .setGpuMeasuredMillis(13)
        .setGpuBusyMillis(14)
        .setGpuIdleCost(new BigDecimal("0.000000000015"))
        .setCacheLookups(16)
        .setCacheHits(17)
        .setScoreEvents(18)
        .setScoreMillionths(19)
        .build();
  }
}
