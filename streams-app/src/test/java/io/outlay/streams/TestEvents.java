package io.outlay.streams;

import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.time.Instant;
import java.util.Map;

/** Events for tests: team {@code search}, feature {@code rerank}, at {@link #TIME}. */
public final class TestEvents {
  public static final Instant TIME = Instant.parse("2026-11-21T02:03:04Z");

  private TestEvents() {}

  public static UsageEvent event(String id, Object detail) {
    return new UsageEvent(
        id,
        "checkout",
        TIME.getEpochSecond() * 1_000_000,
        TIME.getEpochSecond() * 1_000_000,
        "search",
        "shop",
        "rerank",
        "",
        "",
        "",
        "",
        "",
        "",
        Map.of(),
        "",
        null,
        detail);
  }

  public static LlmUsage llm(String provider, String model, TokenCounts tokens) {
    return new LlmUsage(provider, model, "", "chat", "", false, null, "ok", tokens, 1L, 0L, null);
  }
}
