package io.outlay.sink.row;

import io.outlay.money.Money;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.CostRecord;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.ProviderUsage;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.usage.EventKey;
import io.outlay.usage.EventType;
import io.outlay.usage.TokenTotals;
import java.time.ZoneId;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Facts: one row per record of {@code costs}. What a type of event does not have is empty, zero or,
 * where a number may be unknown, null. The tokens that a cache hit avoided were not used and stand
 * in columns of their own.
 */
public final class CostRows extends AvroRows<CostRecord> {
  private static final List<String> COLUMNS =
      List.of(
          "event_key",
          "event_id",
          "source",
          "type",
          "event_time",
          "day",
          "ingested_at",
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
          "avoided_input_tokens",
          "avoided_output_tokens",
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
          "pricing_status",
          "reason",
          "price_id",
          "price_version",
          "cost",
          "list_cost",
          "avoided_cost",
          "prompt_cache_saved",
          "tier_saved",
          "revision",
          "rated_at",
          "kafka_partition",
          "kafka_offset");

  private static final String USD = "USD";
  private static final TokenCounts NO_TOKENS = TokenCounts.newBuilder().build();

  private static final MediaCounts NO_MEDIA = MediaCounts.newBuilder().build();

  private final Calendar calendar;

  /**
   * @param zone time zone of days
   */
  public CostRows(AvroCodec<CostRecord> codec, ZoneId zone) {
    super("usage_costs_store", COLUMNS, codec);
    this.calendar = new Calendar(zone);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, CostRecord fact, Rows rows) {
    UsageEvent event = fact.getUsage();
    long eventTime = time("time", event.getEventTimeMicros());
    byte[] key = key(record);
    if (key.length != EventKey.LENGTH) {
      throw new InvalidRowException(
          DeadLetterReason.WRONG_KEY,
          "the key must have " + EventKey.LENGTH + " bytes, had " + key.length);
    }
    EventKey eventKey = EventKey.ofBytes(key);

    RowWriter row = rows.begin(calendar.month(eventTime));
    row.uuid(eventKey.high(), eventKey.low());
    row.string(event.getId());
    row.string(event.getSource());
    row.string(EventType.ofDetail(event.getDetail()).cloudEventType());
    row.int64(eventTime);
    row.int16(calendar.day(eventTime));
    row.int64(event.getIngestedAtMicros());
    row.string(event.getTeam());
    row.string(event.getProject());
    row.string(event.getFeature());
    row.string(event.getCustomer());
    row.string(event.getUser());
    row.string(event.getEnvironment());
    row.string(event.getRegion());
    row.string(event.getRequestId());
    row.string(event.getTraceId());
    row.map(event.getTags());
    ProviderUsage reported = event.getProviderUsage();
    row.string(event.getWarning());
    row.string(reported == null ? "" : reported.getApi());
    row.string(reported == null ? "" : reported.getUsage());
    model(row, event.getDetail());
    cache(row, event.getDetail());
    machine(row, event.getDetail());
    storage(row, event.getDetail());
    rest(row, event.getDetail());
    rating(row, fact);
    row.int32(record.partition());
    row.int64(record.offset());
    rows.end();
  }

  private static void model(RowWriter row, Object detail) {
    LlmUsage llm = detail instanceof LlmUsage found ? found : null;
    row.string(provider(detail));
    row.string(modelName(detail));
    row.string(llm == null ? "" : llm.getBaselineModel());
    row.string(llm == null ? "" : llm.getOperation());
    row.string(llm == null ? "" : llm.getServiceTier());
    row.bool(llm != null && llm.getBatch());
    row.string(llm == null ? "" : llm.getStatus());
    Long latency = llm == null ? null : llm.getLatencyMs();
    row.nullable(latency == null);
    if (latency != null) {
      row.int32((int) Math.min(Math.max(latency, 0), 0xFFFFFFFFL));
    }
    TokenCounts tokens = llm == null ? NO_TOKENS : llm.getTokens();
    row.int64(tokens.getInput());
    row.int64(tokens.getCacheRead());
    row.int64(tokens.getCacheWrite5m());
    row.int64(tokens.getCacheWrite1h());
    row.int64(tokens.getOutput());
    row.int64(tokens.getReasoning());
    row.int64(tokens.getInputAudio());
    row.int64(tokens.getOutputAudio());
    row.int64(tokens.getInputImage());
    row.int64(tokens.getOutputImage());
    row.int64(llm == null ? 0 : llm.getRequests());
    row.int64(llm == null ? 0 : llm.getWebSearches());
    MediaCounts media = llm == null || llm.getMedia() == null ? NO_MEDIA : llm.getMedia();
    row.int64(media.getImages());
    row.int64(media.getCharacters());
    row.int64(media.getMicros());
    row.int64(media.getPages());
  }

  private static void cache(RowWriter row, Object detail) {
    CacheLookup cache = detail instanceof CacheLookup found ? found : null;
    TokenCounts avoided =
        cache == null || cache.getTokens() == null ? NO_TOKENS : cache.getTokens();
    row.int64(TokenTotals.input(avoided));
    row.int64(TokenTotals.output(avoided));
    avoidedTokens(row, cache == null ? null : cache.getTokens());
    row.string(cache == null ? "" : cache.getLayer());
    row.bool(cache != null && cache.getHit());
  }

  /** By bucket, so that what a hit avoided can be rated again. */
  private static void avoidedTokens(RowWriter row, @Nullable TokenCounts tokens) {
    if (tokens == null) {
      row.size(0);
      return;
    }
    List<Schema.Field> buckets = TokenCounts.getClassSchema().getFields();
    row.size(buckets.size());
    for (Schema.Field bucket : buckets) {
      row.string(bucket.name());
      row.int64((Long) tokens.get(bucket.pos()));
    }
  }

  private static void machine(RowWriter row, Object detail) {
    GpuUsage gpu = detail instanceof GpuUsage found ? found : null;
    ComputeUsage compute = detail instanceof ComputeUsage found ? found : null;
    row.string(gpu == null ? "" : gpu.getGpuModel());
    row.int64(gpu == null ? 0 : gpu.getGpuMicros());
    nullableMillionths(row, gpu == null ? null : gpu.getUtilizationMillionths());
    row.string(compute == null ? "" : compute.getInstanceType());
    row.int64(compute == null ? 0 : compute.getCpuMicros());
    row.int64(compute == null ? 0 : compute.getMemoryGbMicros());
    row.string(
        gpu != null ? gpu.getPurchaseOption() : compute != null ? compute.getPurchaseOption() : "");
    row.string(gpu == null ? "" : gpu.getNode());
    row.string(gpu == null ? "" : gpu.getWorkload());
  }

  private static void storage(RowWriter row, Object detail) {
    StorageUsage usage = detail instanceof StorageUsage found ? found : null;
    StorageMove move = detail instanceof StorageMove found ? found : null;
    row.string(usage != null ? usage.getStore() : move != null ? move.getStore() : "");
    row.string(usage != null ? usage.getDataset() : move != null ? move.getDataset() : "");
    row.string(usage == null ? "" : usage.getTier());
    row.string(move == null ? "" : move.getFromTier());
    row.string(move == null ? "" : move.getToTier());
    row.int64(bytes(detail));
    row.int64(
        usage != null
            ? usage.getMicros()
            : detail instanceof ComputeUsage compute ? compute.getInstanceMicros() : 0);
    row.string(detail instanceof NetworkTransfer network ? network.getPath() : "");
  }

  private static void rest(RowWriter row, Object detail) {
    QualityScore score = detail instanceof QualityScore found ? found : null;
    row.string(score == null ? "" : score.getMetric());
    nullableMillionths(row, score == null ? null : score.getScoreMillionths());
    DirectCost direct = detail instanceof DirectCost found ? found : null;
    row.string(direct == null ? "" : direct.getCategory());
    row.string(direct == null ? "" : direct.getDescription());
    row.int64(direct == null ? 0 : money("amount", direct.getAmountPico()));
    row.string(direct == null ? USD : direct.getCurrency());
  }

  private static void rating(RowWriter row, CostRecord fact) {
    row.int8(fact.getPricingStatus().ordinal());
    row.string(fact.getReason());
    row.string(fact.getPriceId());
    row.int32(fact.getPriceVersion());
    row.int64(money("cost", fact.getCostPico()));
    row.int64(money("list cost", fact.getListCostPico()));
    nullableMoney(row, "avoided cost", fact.getAvoidedCostPico());
    nullableMoney(row, "prompt cache savings", fact.getPromptCacheSavedPico());
    nullableMoney(row, "tier savings", fact.getTierSavedPico());
    row.int32(fact.getRevision());
    row.int64(fact.getRatedAtMicros());
  }

  private static String provider(Object detail) {
    if (detail instanceof LlmUsage llm) {
      return llm.getProvider();
    }
    if (detail instanceof CacheLookup cache) {
      return cache.getProvider();
    }
    if (detail instanceof GpuUsage gpu) {
      return gpu.getCloud();
    }
    if (detail instanceof ComputeUsage compute) {
      return compute.getCloud();
    }
    return detail instanceof NetworkTransfer network ? network.getCloud() : "";
  }

  private static String modelName(Object detail) {
    if (detail instanceof LlmUsage llm) {
      return llm.getModel();
    }
    if (detail instanceof CacheLookup cache) {
      return cache.getModel();
    }
    return detail instanceof QualityScore score ? score.getModel() : "";
  }

  private static long bytes(Object detail) {
    if (detail instanceof StorageUsage usage) {
      return usage.getBytes();
    }
    if (detail instanceof StorageMove move) {
      return move.getBytes();
    }
    return detail instanceof NetworkTransfer network ? network.getBytes() : 0;
  }

  private static void nullableMillionths(RowWriter row, @Nullable Integer millionths) {
    row.nullable(millionths == null);
    if (millionths != null) {
      row.int32(millionths);
    }
  }

  private static void nullableMoney(RowWriter row, String field, @Nullable Long pico) {
    row.nullable(pico == null);
    if (pico != null) {
      row.int64(money(field, pico));
    }
  }

  private static long money(String field, long pico) {
    if (pico > Money.MAX_PICO || pico < -Money.MAX_PICO) {
      throw new InvalidRowException(
          DeadLetterReason.COST_OUT_OF_RANGE,
          field + " must be below 1000000 either way, was " + Money.toUsd(pico).toPlainString());
    }
    return pico;
  }
}
