package io.outlay.usage;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** A valid event of each type, new at each call, for tests to change. */
public final class SampleEvents {
  public static final Instant TIME = Instant.parse("2026-11-21T02:03:04Z");

  private SampleEvents() {}

  public static UsageEvent of(EventType type) {
    return new UsageEvent(
        "01JABC",
        "checkout",
        TIME.getEpochSecond() * 1_000_000 + 5,
        TIME.getEpochSecond() * 1_000_000 + 6,
        "search",
        "shop",
        "rerank",
        "acme",
        "u1",
        "prod",
        "us-east-1",
        "r-1",
        "t-1",
        new HashMap<>(Map.of("k", "v")),
        "",
        null,
        detail(type));
  }

  public static Object detail(EventType type) {
    return switch (type) {
      case LLM_USAGE ->
          new LlmUsage(
              "openai",
              "gpt-4o",
              "gpt-4.1",
              "chat",
              "flex",
              true,
              812L,
              "ok",
              tokens(),
              1L,
              2L,
              new MediaCounts(1L, 2L, 3L, 4L));
      case GPU_USAGE ->
          new GpuUsage("A100-80GB", 2_000_000L, 730_000, "spot", "aws", "node-1", "train");
      case COMPUTE_USAGE ->
          new ComputeUsage("m7i.xlarge", 1_000_000L, 2_000_000L, 3_000_000L, "on_demand", "aws");
      case CACHE_LOOKUP -> new CacheLookup("semantic", true, "openai", "gpt-4o", tokens());
      case STORAGE_MOVE -> new StorageMove("s3://b", "d", 1_000L, "hot", "cold");
      case STORAGE_USAGE -> new StorageUsage("s3://b", "d", "warm", 1_000L, 60_000_000L);
      case NETWORK_TRANSFER -> new NetworkTransfer(1_000L, "egress", "gcp");
      case QUALITY_SCORE -> new QualityScore("faithfulness", 900_000, "gpt-4o");
      case COST_DIRECT -> new DirectCost(12_500_000_000_000L, "EUR", "people", "review");
    };
  }

  public static TokenCounts tokens() {
    return new TokenCounts(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
  }
}
