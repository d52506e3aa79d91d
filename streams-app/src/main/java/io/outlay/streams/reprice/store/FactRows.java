package io.outlay.streams.reprice.store;

import com.clickhouse.client.api.data_formats.ClickHouseBinaryFormatReader;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.ProviderUsage;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.reprice.Fact;
import io.outlay.usage.EventType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code usage_costs} as the events that they came from: the inverse of what the sink
 * writes. An object of a provider that was empty and one that was absent look alike in a row, and
 * are absent here.
 */
final class FactRows {
  /** What is selected. Times come as microseconds since 1970-01-01T00:00:00Z. */
  static final String COLUMNS =
      String.join(
          ", ",
          List.of(
              "event_id",
              "source",
              "type",
              "toUnixTimestamp64Micro(event_time) AS event_micros",
              "toUnixTimestamp64Micro(ingested_at) AS ingested_micros",
              "team",
              "project",
              "feature",
              "customer",
              "user",
              "environment",
              "region",
              "request_id",
              "trace_id",
              "tags",
              "warning",
              "provider_api",
              "provider_usage",
              "provider",
              "model",
              "baseline_model",
              "operation",
              "service_tier",
              "batch",
              "status",
              "latency_ms",
              "input_tokens",
              "cache_read_tokens",
              "cache_write_5m_tokens",
              "cache_write_1h_tokens",
              "output_tokens",
              "reasoning_tokens",
              "input_audio_tokens",
              "output_audio_tokens",
              "input_image_tokens",
              "output_image_tokens",
              "requests",
              "web_searches",
              "images",
              "characters",
              "media_seconds",
              "pages",
              "avoided_tokens",
              "cache_layer",
              "cache_hit",
              "gpu_model",
              "gpu_seconds",
              "utilization",
              "instance_type",
              "cpu_seconds",
              "memory_gb_seconds",
              "purchase_option",
              "node",
              "workload",
              "store",
              "dataset",
              "tier",
              "from_tier",
              "to_tier",
              "bytes",
              "seconds",
              "network_path",
              "metric",
              "score",
              "category",
              "description",
              "amount",
              "currency",
              "CAST(pricing_status AS Int8) AS status_number",
              "reason",
              "price_id",
              "price_version",
              "cost",
              "list_cost",
              "avoided_cost",
              "prompt_cache_saved",
              "tier_saved",
              "revision",
              "toUnixTimestamp64Micro(rated_at) AS rated_micros"));

  private final ClickHouseBinaryFormatReader row;

  /**
   * @param row positioned at the row to be read, whenever it is read
   */
  FactRows(ClickHouseBinaryFormatReader row) {
    this.row = row;
  }

  /**
   * The row that the reader is at.
   *
   * @throws IllegalStateException if it is of no known type
   */
  Fact fact() {
    UsageEvent event =
        new UsageEvent(
            text("event_id"),
            text("source"),
            number("event_micros"),
            number("ingested_micros"),
            text("team"),
            text("project"),
            text("feature"),
            text("customer"),
            text("user"),
            text("environment"),
            text("region"),
            text("request_id"),
            text("trace_id"),
            tags(),
            text("warning"),
            providerUsage(),
            detail());
    return new Fact(event, rating());
  }

  private Object detail() {
    String name = text("type");
    EventType type = EventType.ofCloudEventType(name);
    if (type == null) {
      throw new IllegalStateException("type: must be that of an event, was " + name);
    }
    return switch (type) {
      case LLM_USAGE -> llm();
      case GPU_USAGE ->
          new GpuUsage(
              text("gpu_model"),
              unscaled("gpu_seconds"),
              millionths("utilization"),
              text("purchase_option"),
              text("provider"),
              text("node"),
              text("workload"));
      case COMPUTE_USAGE ->
          new ComputeUsage(
              text("instance_type"),
              unscaled("seconds"),
              unscaled("cpu_seconds"),
              unscaled("memory_gb_seconds"),
              text("purchase_option"),
              text("provider"));
      case CACHE_LOOKUP ->
          new CacheLookup(
              text("cache_layer"),
              row.getBoolean("cache_hit"),
              text("provider"),
              text("model"),
              avoidedTokens());
      case STORAGE_MOVE ->
          new StorageMove(
              text("store"), text("dataset"), number("bytes"), text("from_tier"), text("to_tier"));
      case STORAGE_USAGE ->
          new StorageUsage(
              text("store"), text("dataset"), text("tier"), number("bytes"), unscaled("seconds"));
      case NETWORK_TRANSFER ->
          new NetworkTransfer(number("bytes"), text("network_path"), text("provider"));
      case QUALITY_SCORE -> {
        Integer score = millionths("score");
        yield new QualityScore(text("metric"), score == null ? 0 : score, text("model"));
      }
      case COST_DIRECT ->
          new DirectCost(
              unscaled("amount"), text("currency"), text("category"), text("description"));
    };
  }

  private LlmUsage llm() {
    return new LlmUsage(
        text("provider"),
        text("model"),
        text("baseline_model"),
        text("operation"),
        text("service_tier"),
        row.getBoolean("batch"),
        row.hasValue("latency_ms") ? number("latency_ms") : null,
        text("status"),
        new TokenCounts(
            number("input_tokens"),
            number("cache_read_tokens"),
            number("cache_write_5m_tokens"),
            number("cache_write_1h_tokens"),
            number("output_tokens"),
            number("reasoning_tokens"),
            number("input_audio_tokens"),
            number("output_audio_tokens"),
            number("input_image_tokens"),
            number("output_image_tokens")),
        number("requests"),
        number("web_searches"),
        media());
  }

  private @Nullable MediaCounts media() {
    MediaCounts media =
        new MediaCounts(
            number("images"), number("characters"), unscaled("media_seconds"), number("pages"));
    return media.equals(MediaCounts.newBuilder().build()) ? null : media;
  }

  private @Nullable TokenCounts avoidedTokens() {
    Map<String, Number> stored = row.readValue("avoided_tokens");
    if (stored.isEmpty()) {
      return null;
    }
    TokenCounts tokens = TokenCounts.newBuilder().build();
    for (Schema.Field bucket : TokenCounts.getClassSchema().getFields()) {
      Number count = stored.get(bucket.name());
      tokens.put(bucket.pos(), count == null ? 0L : count.longValue());
    }
    return tokens;
  }

  private @Nullable ProviderUsage providerUsage() {
    String api = text("provider_api");
    return api.isEmpty() ? null : new ProviderUsage(api, text("provider_usage"));
  }

  private Map<String, String> tags() {
    Map<String, String> stored = row.readValue("tags");
    return stored.isEmpty() ? Map.of() : new TreeMap<>(stored);
  }

  private Rating rating() {
    return new Rating(
        PricingStatus.values()[(int) number("status_number")],
        text("reason"),
        text("price_id"),
        (int) number("price_version"),
        unscaled("cost"),
        unscaled("list_cost"),
        nullableUnscaled("avoided_cost"),
        nullableUnscaled("prompt_cache_saved"),
        nullableUnscaled("tier_saved"),
        (int) number("revision"),
        number("rated_micros"));
  }

  private String text(String column) {
    return row.getString(column);
  }

  private long number(String column) {
    return row.getLong(column);
  }

  /** A decimal as a whole number of its last place. */
  private long unscaled(String column) {
    return row.getBigDecimal(column).unscaledValue().longValueExact();
  }

  private @Nullable Long nullableUnscaled(String column) {
    return row.hasValue(column) ? unscaled(column) : null;
  }

  private @Nullable Integer millionths(String column) {
    if (!row.hasValue(column)) {
      return null;
    }
    BigDecimal value = row.getBigDecimal(column);
    return value.unscaledValue().intValueExact();
  }
}
