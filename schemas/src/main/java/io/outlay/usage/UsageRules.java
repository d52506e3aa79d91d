package io.outlay.usage;

import io.outlay.money.Money;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
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
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of a usage event, checked wherever one comes in: at the HTTP edge before it is sent,
 * and in the topology for services that produce to Kafka themselves. The bounds are those that the
 * Avro schema documents.
 */
public final class UsageRules {
  /** Longest {@code id}, {@code source}, {@code requestId}, {@code traceId}, tag value. */
  public static final int MAX_ID_LENGTH = 256;

  /** Longest dimension, such as {@code team}. */
  public static final int MAX_DIMENSION_LENGTH = 128;

  /** Most tags of an event. */
  public static final int MAX_TAGS = 32;

  /** Longest tag name. */
  public static final int MAX_TAG_NAME_LENGTH = 64;

  /** Longest usage object of a provider, as JSON. */
  public static final int MAX_PROVIDER_USAGE_LENGTH = 16_384;

  /** Most tokens of one bucket. */
  public static final long MAX_TOKENS = 1_000_000_000_000L;

  /** Most requests, web searches, images or pages of one event. */
  public static final long MAX_REQUESTS = 1_000_000_000L;

  /** Most characters of one event. */
  public static final long MAX_CHARACTERS = 1_000_000_000_000L;

  /** Longest duration, in microseconds: about 31 years. */
  public static final long MAX_MICROS = 1_000_000_000_000_000L;

  /** Most bytes. */
  public static final long MAX_BYTES = 1_000_000_000_000_000_000L;

  /** Longest latency, in milliseconds: a day. */
  public static final long MAX_LATENCY_MS = 86_400_000L;

  /** One, in millionths. */
  public static final int MILLIONTHS = 1_000_000;

  /** Earliest event time: 2000-01-01T00:00:00Z. */
  public static final long MIN_TIME_MICROS = 946_684_800_000_000L;

  /** Latest event time: 2100-01-01T00:00:00Z. */
  public static final long MAX_TIME_MICROS = 4_102_444_800_000_000L;

  /** Purchase options of GPUs and instances. */
  public static final Set<String> PURCHASE_OPTIONS = Set.of("on_demand", "spot", "reserved");

  /** Cache layers. */
  public static final Set<String> CACHE_LAYERS = Set.of("exact", "semantic", "prefix", "edge");

  /** Storage tiers. */
  public static final Set<String> STORAGE_TIERS = Set.of("hot", "warm", "cold", "archive");

  /** Network paths. */
  public static final Set<String> NETWORK_PATHS =
      Set.of("egress", "inter_region", "inter_zone", "cdn");

  private UsageRules() {}

  /** The first bound that the event breaks, or null if it keeps them all. */
  public static @Nullable Violation check(UsageEvent event) {
    Violation violation = required("id", event.getId(), MAX_ID_LENGTH);
    if (violation == null) {
      violation = required("source", event.getSource(), MAX_ID_LENGTH);
    }
    if (violation == null) {
      violation = time(event.getEventTimeMicros());
    }
    if (violation == null) {
      violation = attribution(event);
    }
    return violation != null ? violation : detail(event.getDetail());
  }

  private static @Nullable Violation time(long micros) {
    if (micros < MIN_TIME_MICROS || micros >= MAX_TIME_MICROS) {
      return new Violation(
          "time",
          "must be between 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z, was "
              + micros
              + " microseconds since 1970");
    }
    return null;
  }

  private static @Nullable Violation attribution(UsageEvent event) {
    return first(
        required("data.team", event.getTeam(), MAX_DIMENSION_LENGTH),
        optional("data.project", event.getProject(), MAX_DIMENSION_LENGTH),
        optional("data.feature", event.getFeature(), MAX_DIMENSION_LENGTH),
        optional("data.customer", event.getCustomer(), MAX_DIMENSION_LENGTH),
        optional("data.user", event.getUser(), MAX_DIMENSION_LENGTH),
        optional("data.environment", event.getEnvironment(), MAX_DIMENSION_LENGTH),
        optional("data.region", event.getRegion(), MAX_DIMENSION_LENGTH),
        optional("data.requestId", event.getRequestId(), MAX_ID_LENGTH),
        optional("data.traceId", event.getTraceId(), MAX_ID_LENGTH),
        event.getTags().isEmpty() ? null : tags(event.getTags()),
        optional("data.warning", event.getWarning(), MAX_ID_LENGTH),
        event.getProviderUsage() == null ? null : providerUsage(event.getProviderUsage()));
  }

  private static @Nullable Violation providerUsage(ProviderUsage reported) {
    return first(
        required("data.api", reported.getApi(), MAX_DIMENSION_LENGTH),
        required("data.usage", reported.getUsage(), MAX_PROVIDER_USAGE_LENGTH));
  }

  private static @Nullable Violation tags(Map<String, String> tags) {
    if (tags.size() > MAX_TAGS) {
      return new Violation(
          "data.tags", "must have at most " + MAX_TAGS + " entries, had " + tags.size());
    }
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      Violation violation = required("data.tags", tag.getKey(), MAX_TAG_NAME_LENGTH);
      if (violation == null) {
        violation = optional("data.tags." + tag.getKey(), tag.getValue(), MAX_ID_LENGTH);
      }
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }

  private static @Nullable Violation detail(Object detail) {
    if (detail instanceof LlmUsage llm) {
      return llm(llm);
    }
    if (detail instanceof GpuUsage gpu) {
      return first(
          required("data.gpuModel", gpu.getGpuModel(), MAX_DIMENSION_LENGTH),
          seconds("data.gpuSeconds", gpu.getGpuMicros()),
          gpu.getUtilizationMillionths() == null
              ? null
              : fraction("data.utilization", gpu.getUtilizationMillionths()),
          oneOf("data.purchaseOption", gpu.getPurchaseOption(), PURCHASE_OPTIONS),
          optional("data.cloud", gpu.getCloud(), MAX_DIMENSION_LENGTH),
          optional("data.node", gpu.getNode(), MAX_ID_LENGTH),
          optional("data.workload", gpu.getWorkload(), MAX_ID_LENGTH));
    }
    if (detail instanceof ComputeUsage compute) {
      return first(
          optional("data.instanceType", compute.getInstanceType(), MAX_DIMENSION_LENGTH),
          seconds("data.seconds", compute.getInstanceMicros()),
          seconds("data.cpuSeconds", compute.getCpuMicros()),
          seconds("data.memoryGbSeconds", compute.getMemoryGbMicros()),
          compute.getInstanceType().isEmpty() && compute.getInstanceMicros() != 0
              ? new Violation("data.instanceType", "is required where data.seconds is given")
              : null,
          oneOf("data.purchaseOption", compute.getPurchaseOption(), PURCHASE_OPTIONS),
          optional("data.cloud", compute.getCloud(), MAX_DIMENSION_LENGTH));
    }
    if (detail instanceof CacheLookup cache) {
      return cache(cache);
    }
    if (detail instanceof StorageMove move) {
      return first(
          optional("data.store", move.getStore(), MAX_DIMENSION_LENGTH),
          optional("data.dataset", move.getDataset(), MAX_ID_LENGTH),
          count("data.bytes", move.getBytes(), MAX_BYTES),
          oneOf("data.fromTier", move.getFromTier(), STORAGE_TIERS),
          oneOf("data.toTier", move.getToTier(), STORAGE_TIERS));
    }
    if (detail instanceof StorageUsage storage) {
      return first(
          optional("data.store", storage.getStore(), MAX_DIMENSION_LENGTH),
          optional("data.dataset", storage.getDataset(), MAX_ID_LENGTH),
          oneOf("data.tier", storage.getTier(), STORAGE_TIERS),
          count("data.bytes", storage.getBytes(), MAX_BYTES),
          seconds("data.seconds", storage.getMicros()));
    }
    if (detail instanceof NetworkTransfer network) {
      return first(
          count("data.bytes", network.getBytes(), MAX_BYTES),
          oneOf("data.path", network.getPath(), NETWORK_PATHS),
          optional("data.cloud", network.getCloud(), MAX_DIMENSION_LENGTH));
    }
    if (detail instanceof QualityScore score) {
      return first(
          required("data.metric", score.getMetric(), MAX_DIMENSION_LENGTH),
          fraction("data.score", score.getScoreMillionths()),
          optional("data.model", score.getModel(), MAX_DIMENSION_LENGTH));
    }
    if (detail instanceof DirectCost cost) {
      return first(
          Math.abs(cost.getAmountPico()) > Money.MAX_PICO || cost.getAmountPico() == Long.MIN_VALUE
              ? new Violation(
                  "data.amount",
                  "must be below 1000000 either way, was "
                      + BigDecimal.valueOf(cost.getAmountPico(), Money.SCALE).toPlainString())
              : null,
          currency(cost.getCurrency()),
          optional("data.category", cost.getCategory(), MAX_DIMENSION_LENGTH),
          optional("data.description", cost.getDescription(), MAX_ID_LENGTH));
    }
    return new Violation("type", "carries no known detail: " + detail.getClass().getName());
  }

  private static @Nullable Violation llm(LlmUsage llm) {
    return first(
        required("data.provider", llm.getProvider(), MAX_DIMENSION_LENGTH),
        required("data.model", llm.getModel(), MAX_DIMENSION_LENGTH),
        optional("data.baselineModel", llm.getBaselineModel(), MAX_DIMENSION_LENGTH),
        optional("data.operation", llm.getOperation(), MAX_DIMENSION_LENGTH),
        optional("data.serviceTier", llm.getServiceTier(), MAX_DIMENSION_LENGTH),
        llm.getLatencyMs() == null
            ? null
            : count("data.latencyMs", llm.getLatencyMs(), MAX_LATENCY_MS),
        optional("data.status", llm.getStatus(), MAX_DIMENSION_LENGTH),
        tokens(llm.getTokens()),
        count("data.requests", llm.getRequests(), MAX_REQUESTS),
        count("data.webSearches", llm.getWebSearches(), MAX_REQUESTS),
        llm.getMedia() == null ? null : media(llm.getMedia()));
  }

  private static @Nullable Violation media(MediaCounts media) {
    return first(
        count("data.media.images", media.getImages(), MAX_REQUESTS),
        count("data.media.characters", media.getCharacters(), MAX_CHARACTERS),
        seconds("data.media.seconds", media.getMicros()),
        count("data.media.pages", media.getPages(), MAX_REQUESTS));
  }

  private static @Nullable Violation cache(CacheLookup cache) {
    Violation violation = oneOf("data.layer", cache.getLayer(), CACHE_LAYERS);
    if (violation != null) {
      return violation;
    }
    if (!cache.getHit()) {
      return cache.getTokens() == null
          ? first(
              optional("data.provider", cache.getProvider(), MAX_DIMENSION_LENGTH),
              optional("data.model", cache.getModel(), MAX_DIMENSION_LENGTH))
          : new Violation("data.tokens", "must be absent on a miss: a miss avoids nothing");
    }
    return first(
        required("data.provider", cache.getProvider(), MAX_DIMENSION_LENGTH),
        required("data.model", cache.getModel(), MAX_DIMENSION_LENGTH),
        cache.getTokens() == null
            ? new Violation("data.tokens", "is required on a hit: the tokens that it avoided")
            : tokens(cache.getTokens()));
  }

  private static @Nullable Violation tokens(TokenCounts tokens) {
    return first(
        bucket("input", tokens.getInput()),
        bucket("cacheRead", tokens.getCacheRead()),
        bucket("cacheWrite5m", tokens.getCacheWrite5m()),
        bucket("cacheWrite1h", tokens.getCacheWrite1h()),
        bucket("output", tokens.getOutput()),
        bucket("reasoning", tokens.getReasoning()),
        bucket("inputAudio", tokens.getInputAudio()),
        bucket("outputAudio", tokens.getOutputAudio()),
        bucket("inputImage", tokens.getInputImage()),
        bucket("outputImage", tokens.getOutputImage()));
  }

  private static @Nullable Violation bucket(String name, long value) {
    return value >= 0 && value <= MAX_TOKENS
        ? null
        : count("data.tokens." + name, value, MAX_TOKENS);
  }

  private static @Nullable Violation count(String field, long value, long max) {
    if (value < 0) {
      return new Violation(field, "must be >= 0, was " + value);
    }
    return value > max ? new Violation(field, "must be <= " + max + ", was " + value) : null;
  }

  private static @Nullable Violation seconds(String field, long micros) {
    if (micros >= 0 && micros <= MAX_MICROS) {
      return null;
    }
    String was = BigDecimal.valueOf(micros, 6).stripTrailingZeros().toPlainString();
    return micros < 0
        ? new Violation(field, "must be >= 0, was " + was)
        : new Violation(field, "must be <= " + MAX_MICROS / MILLIONTHS + ", was " + was);
  }

  private static @Nullable Violation fraction(String field, int millionths) {
    if (millionths >= 0 && millionths <= MILLIONTHS) {
      return null;
    }
    String was = BigDecimal.valueOf(millionths, 6).stripTrailingZeros().toPlainString();
    return new Violation(field, "must be between 0 and 1, was " + was);
  }

  private static @Nullable Violation currency(String code) {
    boolean valid = code.length() == 3;
    for (int i = 0; valid && i < 3; i++) {
      valid = code.charAt(i) >= 'A' && code.charAt(i) <= 'Z';
    }
    return valid
        ? null
        : new Violation(
            "data.currency", "must be an ISO 4217 code such as USD, was " + shown(code));
  }

  private static @Nullable Violation oneOf(String field, String value, Set<String> allowed) {
    return allowed.contains(value)
        ? null
        : new Violation(
            field,
            "must be one of "
                + String.join(", ", allowed.stream().sorted().toList())
                + ", was "
                + shown(value));
  }

  private static @Nullable Violation required(String field, String value, int maxLength) {
    return value.isEmpty()
        ? new Violation(field, "is required and must not be empty")
        : optional(field, value, maxLength);
  }

  private static @Nullable Violation optional(String field, String value, int maxLength) {
    if (value.length() > maxLength) {
      return new Violation(
          field,
          "must have at most "
              + maxLength
              + " characters, had "
              + value.length()
              + ": "
              + shown(value));
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == 0x7f) {
        return new Violation(
            field, "must have no control characters, had U+%04X at %d".formatted((int) c, i));
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!paired) {
          return new Violation(field, "must be valid Unicode, had a lone surrogate at " + i);
        }
        i++;
      }
    }
    return null;
  }

  /**
   * A value for an error message: quoted, cut where it is long, and always valid Unicode, so that
   * the answer that carries it can be written. Control characters and lone surrogates stand as
   * escapes such as {@code \\u000a}.
   */
  public static String shown(String value) {
    boolean cut = value.length() > 64;
    int end = cut ? 61 : value.length();
    StringBuilder shown = new StringBuilder(end + 3).append('"');
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (i + 1 < value.length() && Character.isSurrogatePair(c, value.charAt(i + 1))) {
        if (i + 1 < end) {
          shown.append(c).append(value.charAt(i + 1));
        }
        i++;
      } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
        shown.append("\\u%04x".formatted((int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.append(cut ? "…\"" : "\"").toString();
  }

  private static @Nullable Violation first(@Nullable Violation... violations) {
    for (Violation violation : violations) {
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }
}
