package io.outlay.collectors.event;

import io.outlay.usage.EventType;
import io.outlay.usage.UsageRules;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The fields of {@code data}: their names, what they hold, and which types of event have them. */
enum Field {
  TEAM("team", Kind.TEXT),
  PROJECT("project", Kind.TEXT),
  FEATURE("feature", Kind.TEXT),
  CUSTOMER("customer", Kind.TEXT),
  USER("user", Kind.TEXT),
  ENVIRONMENT("environment", Kind.TEXT),
  REGION("region", Kind.TEXT),
  REQUEST_ID("requestId", Kind.TEXT),
  TRACE_ID("traceId", Kind.TEXT),
  TAGS("tags", Kind.TAGS),

  PROVIDER("provider", Kind.TEXT),
  MODEL("model", Kind.TEXT),
  BASELINE_MODEL("baselineModel", Kind.TEXT),
  OPERATION("operation", Kind.TEXT),
  SERVICE_TIER("serviceTier", Kind.TEXT),
  BATCH("batch", Kind.FLAG),
  LATENCY_MS("latencyMs", Kind.WHOLE, UsageRules.MAX_LATENCY_MS),
  STATUS("status", Kind.TEXT),
  TOKENS("tokens", Kind.TOKENS, UsageRules.MAX_TOKENS),
  MEDIA("media", Kind.MEDIA),
  REQUESTS("requests", Kind.WHOLE, UsageRules.MAX_REQUESTS),
  WEB_SEARCHES("webSearches", Kind.WHOLE, UsageRules.MAX_REQUESTS),
  USAGE("usage", Kind.USAGE),
  API("api", Kind.TEXT),

  GPU_MODEL("gpuModel", Kind.TEXT),
  GPU_SECONDS("gpuSeconds", Kind.SECONDS),
  UTILIZATION("utilization", Kind.FRACTION),
  PURCHASE_OPTION("purchaseOption", Kind.TEXT),
  CLOUD("cloud", Kind.TEXT),
  NODE("node", Kind.TEXT),
  WORKLOAD("workload", Kind.TEXT),

  INSTANCE_TYPE("instanceType", Kind.TEXT),
  SECONDS("seconds", Kind.SECONDS),
  CPU_SECONDS("cpuSeconds", Kind.SECONDS),
  MEMORY_GB_SECONDS("memoryGbSeconds", Kind.SECONDS),

  LAYER("layer", Kind.TEXT),
  HIT("hit", Kind.FLAG),

  STORE("store", Kind.TEXT),
  DATASET("dataset", Kind.TEXT),
  BYTES("bytes", Kind.WHOLE, UsageRules.MAX_BYTES),
  FROM_TIER("fromTier", Kind.TEXT),
  TO_TIER("toTier", Kind.TEXT),
  TIER("tier", Kind.TEXT),

  PATH("path", Kind.TEXT),

  METRIC("metric", Kind.TEXT),
  SCORE("score", Kind.FRACTION),

  AMOUNT("amount", Kind.AMOUNT),
  CURRENCY("currency", Kind.TEXT),
  CATEGORY("category", Kind.TEXT),
  DESCRIPTION("description", Kind.TEXT);

  /** What a field holds. */
  enum Kind {
    /** A string. */
    TEXT,
    /** True or false. */
    FLAG,
    /** A whole number. */
    WHOLE,
    /** Decimal seconds, kept as microseconds. */
    SECONDS,
    /** 0 to 1, kept as millionths. */
    FRACTION,
    /** A decimal string, kept in 10<sup>-12</sup>. */
    AMOUNT,
    /** An object of strings. */
    TAGS,
    /** An object of token buckets. */
    TOKENS,
    /** An object of what is billed by neither tokens nor requests. */
    MEDIA,
    /** A provider's response, or its usage object. */
    USAGE
  }

  /** How many there are; few enough for the bits of a {@code long}. */
  static final int COUNT = values().length;

  private static final List<Field> ALL = List.of(values());
  private static final Map<String, Field> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(f -> f.jsonName, Function.identity()));

  private static final long ATTRIBUTION =
      set(TEAM, PROJECT, FEATURE, CUSTOMER, USER, ENVIRONMENT, REGION, REQUEST_ID, TRACE_ID, TAGS);
  private static final Map<EventType, Long> ALLOWED = new EnumMap<>(EventType.class);
  private static final Map<EventType, Long> REQUIRED = new EnumMap<>(EventType.class);

  static {
    shape(
        EventType.LLM_USAGE,
        set(PROVIDER, MODEL),
        set(
            BASELINE_MODEL,
            OPERATION,
            SERVICE_TIER,
            BATCH,
            LATENCY_MS,
            STATUS,
            TOKENS,
            MEDIA,
            REQUESTS,
            WEB_SEARCHES,
            USAGE,
            API));
    shape(
        EventType.GPU_USAGE,
        set(GPU_MODEL, GPU_SECONDS),
        set(UTILIZATION, PURCHASE_OPTION, CLOUD, NODE, WORKLOAD));
    shape(
        EventType.COMPUTE_USAGE,
        0,
        set(INSTANCE_TYPE, SECONDS, CPU_SECONDS, MEMORY_GB_SECONDS, PURCHASE_OPTION, CLOUD));
    shape(EventType.CACHE_LOOKUP, set(LAYER, HIT), set(PROVIDER, MODEL, TOKENS, USAGE, API));
    shape(EventType.STORAGE_MOVE, set(BYTES, FROM_TIER, TO_TIER), set(STORE, DATASET));
    shape(EventType.STORAGE_USAGE, set(TIER, BYTES, SECONDS), set(STORE, DATASET));
    shape(EventType.NETWORK_TRANSFER, set(BYTES, PATH), set(CLOUD));
    shape(EventType.QUALITY_SCORE, set(METRIC, SCORE), set(MODEL));
    shape(EventType.COST_DIRECT, set(AMOUNT), set(CURRENCY, CATEGORY, DESCRIPTION));
  }

  private final String jsonName;
  private final String path;
  private final Kind kind;
  private final long max;

  Field(String jsonName, Kind kind) {
    this(jsonName, kind, kind == Kind.SECONDS ? UsageRules.MAX_MICROS / UsageRules.MILLIONTHS : 0);
  }

  Field(String jsonName, Kind kind, long max) {
    this.jsonName = jsonName;
    this.path = "data." + jsonName;
    this.kind = kind;
    this.max = max;
  }

  /** The field of that name, or null if there is none. */
  static @Nullable Field of(String jsonName) {
    return BY_NAME.get(jsonName);
  }

  /** The fields that an event of a type may have, as {@link #bit()}s. */
  static long allowed(EventType type) {
    return ALLOWED.get(type);
  }

  /** The fields that an event of a type must have, as {@link #bit()}s. */
  static long required(EventType type) {
    return REQUIRED.get(type);
  }

  /** The first of a non-empty set. */
  static Field first(long set) {
    return ALL.get(Long.numberOfTrailingZeros(set));
  }

  private static void shape(EventType type, long required, long optional) {
    REQUIRED.put(type, required | TEAM.bit());
    ALLOWED.put(type, ATTRIBUTION | required | optional);
  }

  private static long set(Field... fields) {
    long set = 0;
    for (Field field : fields) {
      set |= field.bit();
    }
    return set;
  }

  /** Its place in a set. */
  long bit() {
    return 1L << ordinal();
  }

  String jsonName() {
    return jsonName;
  }

  /** Path for error messages, such as {@code data.team}. */
  String path() {
    return path;
  }

  Kind kind() {
    return kind;
  }

  /** Largest number, in the unit that publishers write; 0 for fields that hold none. */
  long max() {
    return max;
  }
}
