package io.outlay.collectors.litellm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.provider.Gist;
import io.outlay.collectors.provider.ProviderReport;
import io.outlay.collectors.provider.ReportedCall;
import io.outlay.collectors.provider.UnusableReportException;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of LiteLLM's standard logging payloads. The gateway cannot mend what it sends and does not
 * send it again, so that labels that are too long are cut, which a warning says; only what is
 * needed to count the call is an error.
 */
final class LoggedCall {
  private static final String SOURCE = "litellm";
  private static final String KEY_TAG = "litellm.key";
  private static final String COST_TAG = "litellm.response_cost";
  private static final String REQUEST_TAG = "litellm.tag.";
  private static final int MAX_PLACES = 60;
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(1_000_000_000_000L);

  private final ObjectNode payload;
  private final JsonNode metadata;
  private final List<String> warnings = new ArrayList<>();

  LoggedCall(ObjectNode payload) {
    this.payload = payload;
    this.metadata = payload.path("metadata");
  }

  /** Reads payloads, leaving prompts and answers out. */
  static Gist gist() {
    return new Gist(
        Set.of("metadata", "response"),
        Set.of("usage_object", "usage", "spend_logs_metadata"),
        Set.of(
            "id",
            "trace_id",
            "call_type",
            "status",
            "custom_llm_provider",
            "model",
            "model_group",
            "startTime",
            "endTime",
            "cache_hit",
            "end_user",
            "service_tier",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "user_api_key_alias",
            "user_api_key_team_alias",
            "user_api_key_user_id"),
        Set.of("request_tags"),
        null,
        "",
        "");
  }

  /** The payload's id, or null if it has none. */
  @Nullable String id() {
    String id = text(payload, "id");
    return id.isEmpty() ? null : id;
  }

  /**
   * The call as an event: a hit in LiteLLM's own cache is a lookup, anything else a call.
   *
   * @throws UnusableReportException naming what cannot be counted
   */
  UsageEvent event(Reception reception) throws UnusableReportException {
    String id = id();
    if (id == null) {
      throw new UnusableReportException("id", "is required");
    }
    UsageEvent event = new UsageEvent();
    event.setId(id);
    event.setSource(SOURCE);
    Long start = micros("startTime");
    Long end = micros("endTime");
    event.setEventTimeMicros(time(start, end, reception));
    event.setIngestedAtMicros(reception.receivedAtMicros());
    JsonNode labels = metadata.path("spend_logs_metadata");
    event.setTeam(dimension(metadata, "user_api_key_team_alias"));
    event.setProject(dimension(labels, "project"));
    event.setFeature(dimension(labels, "feature"));
    event.setEnvironment(dimension(labels, "environment"));
    event.setCustomer(dimension(payload, "end_user"));
    event.setUser(dimension(metadata, "user_api_key_user_id"));
    String trace = cut("trace_id", text(payload, "trace_id"), UsageRules.MAX_ID_LENGTH);
    event.setRequestId(trace);
    event.setTraceId(trace);
    event.setTags(tags(labels));

    String provider =
        Names.providerOf(text(payload, "custom_llm_provider"), text(payload, "model"));
    Names.Model model = Names.model(provider, text(payload, "model"));
    event.setRegion(model.region());
    boolean failed = text(payload, "status").equals("failure");
    ProviderReport report = report(failed);
    event.setDetail(
        isCacheHit()
            ? lookup(provider, model, report)
            : call(provider, model, report, failed, start, end));
    event.setWarning("");
    if (report != null) {
      report.describe(event, SOURCE);
    }
    warn(event);
    return checked(event, reception);
  }

  private UsageEvent checked(UsageEvent event, Reception reception) throws UnusableReportException {
    String alias = text(metadata, "user_api_key_alias");
    Owner owner = alias.isEmpty() ? null : reception.attribution().find(Attribution.By.KEY, alias);
    Violation violation = Attribution.settle(event, reception.publisher(), owner);
    if (violation == null) {
      violation = UsageRules.check(event);
    }
    if (violation != null) {
      throw new UnusableReportException(
          violation.field().equals("data.team")
              ? "metadata.user_api_key_team_alias"
              : violation.field(),
          violation.error());
    }
    return event;
  }

  /** What was used; null where a call failed without using anything. */
  private @Nullable ProviderReport report(boolean failed) throws UnusableReportException {
    JsonNode given = metadata.get("usage_object");
    String path = "metadata.usage_object";
    if (isNothing(given)) {
      given = payload.path("response").get("usage");
      path = "response.usage";
    }
    if (isNothing(given)) {
      ObjectNode counts = JsonNodeFactory.instance.objectNode();
      for (String name : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
        if (payload.hasNonNull(name)) {
          counts.set(name, payload.get(name));
        }
      }
      given = counts;
      path = "$";
      if (counts.isEmpty() && failed) {
        return null;
      }
    }
    if (given instanceof ObjectNode usage) {
      return ReportedCall.liteLlm(usage, path);
    }
    throw new UnusableReportException(
        path,
        "must be an object, was "
            + (given.isArray()
                ? "an array"
                : "a " + given.getNodeType().name().toLowerCase(Locale.ROOT)));
  }

  private static boolean isNothing(@Nullable JsonNode node) {
    return node == null || node.isNull() || node.isContainerNode() && node.isEmpty();
  }

  private CacheLookup lookup(String provider, Names.Model model, @Nullable ProviderReport avoided) {
    CacheLookup lookup = new CacheLookup();
    lookup.setLayer("exact");
    lookup.setHit(true);
    lookup.setProvider(Names.provider(provider));
    lookup.setModel(named(model));
    lookup.setTokens(avoided == null ? new TokenCounts() : avoided.tokens());
    return lookup;
  }

  private LlmUsage call(
      String provider,
      Names.Model model,
      @Nullable ProviderReport report,
      boolean failed,
      @Nullable Long start,
      @Nullable Long end) {
    String callType = text(payload, "call_type");
    LlmUsage llm = new LlmUsage();
    llm.setProvider(Names.provider(provider));
    llm.setModel(named(model));
    llm.setBaselineModel("");
    llm.setOperation(cut("call_type", Names.operation(callType), UsageRules.MAX_DIMENSION_LENGTH));
    llm.setServiceTier(tier());
    llm.setBatch(callType.contains("batch"));
    llm.setLatencyMs(latency(start, end));
    llm.setStatus(failed ? "error" : "ok");
    llm.setTokens(new TokenCounts());
    if (report != null) {
      report.fill(llm);
    }
    // A call that failed before it used anything is billed by nobody.
    llm.setRequests(failed && llm.getTokens().equals(new TokenCounts()) ? 0 : 1);
    return llm;
  }

  private String named(Names.Model model) {
    String name = model.name().isEmpty() ? text(payload, "model_group") : model.name();
    return name.isEmpty() ? Names.UNKNOWN : name;
  }

  private String tier() {
    String tier = text(payload.path("response"), "service_tier");
    return tier.equals("default") || tier.equals("auto") ? "standard" : tier;
  }

  /** A boolean, or what Python writes for one. */
  private boolean isCacheHit() {
    return payload.path("cache_hit").asText("").equalsIgnoreCase("true");
  }

  // ---- time ---------------------------------------------------------------------------------

  /** When the answer was there, else when it was asked for, else when it was told of. */
  private static long time(@Nullable Long start, @Nullable Long end, Reception reception)
      throws UnusableReportException {
    long time = end != null ? end : start != null ? start : reception.receivedAtMicros();
    if (time > reception.latestMicros()) {
      throw new UnusableReportException(
          end != null ? "endTime" : "startTime",
          "must not be more than "
              + BigDecimal.valueOf(reception.maxFuture().toMillis(), 3)
                  .stripTrailingZeros()
                  .toPlainString()
              + " s ahead of the collector's clock, was "
              + BigDecimal.valueOf(time, 6).toPlainString());
    }
    return time;
  }

  private static @Nullable Long latency(@Nullable Long start, @Nullable Long end) {
    if (start == null || end == null || end < start) {
      return null;
    }
    long millis = (end - start) / 1_000;
    return millis > UsageRules.MAX_LATENCY_MS ? null : (Long) millis;
  }

  /** Seconds since 1970 as a number, or a date and time, of UTC unless it says otherwise. */
  private @Nullable Long micros(String name) throws UnusableReportException {
    JsonNode node = payload.get(name);
    if (node == null || node.isNull() || node.asText("").isEmpty() && node.isTextual()) {
      return null;
    }
    try {
      if (node.isNumber()) {
        return micros(node.decimalValue());
      }
      if (node.isTextual()) {
        String text = node.textValue().replace(' ', 'T');
        return text.indexOf('T') < 0 ? micros(new BigDecimal(text)) : micros(dateTime(text));
      }
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw notATime(name, node);
    }
    throw notATime(name, node);
  }

  private static UnusableReportException notATime(String name, JsonNode node) {
    return new UnusableReportException(
        name,
        "must be seconds since 1970 or an ISO 8601 time, was " + UsageRules.shown(node.asText()));
  }

  private static OffsetDateTime dateTime(String text) {
    try {
      return OffsetDateTime.parse(text);
    } catch (DateTimeException e) {
      return LocalDateTime.parse(text).atOffset(ZoneOffset.UTC);
    }
  }

  private static long micros(OffsetDateTime time) {
    return Math.addExact(
        Math.multiplyExact(time.toEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  private static long micros(BigDecimal seconds) {
    if (seconds.signum() < 0
        || seconds.compareTo(MAX_SECONDS) > 0
        || seconds.scale() > MAX_PLACES) {
      throw new ArithmeticException("not seconds since 1970");
    }
    return seconds.movePointRight(6).setScale(0, RoundingMode.DOWN).longValueExact();
  }

  // ---- labels -------------------------------------------------------------------------------

  private Map<String, String> tags(JsonNode labels) {
    Map<String, String> tags = new HashMap<>();
    tag(tags, KEY_TAG, text(metadata, "user_api_key_alias"));
    tag(tags, COST_TAG, cost());
    if (labels.isObject()) {
      labels
          .fields()
          .forEachRemaining(
              label -> {
                boolean dimension =
                    Set.of("project", "feature", "environment").contains(label.getKey());
                if (label.getValue().isValueNode() && !label.getValue().isNull() && !dimension) {
                  tag(tags, label.getKey(), label.getValue().asText());
                }
              });
    }
    int number = 0;
    for (JsonNode tag : payload.path("request_tags")) {
      if (tag.isValueNode() && !tag.isNull()) {
        number++;
        tag(tags, REQUEST_TAG + number, tag.asText());
      }
    }
    return tags;
  }

  private void tag(Map<String, String> tags, String name, String value) {
    if (value.isEmpty()) {
      return;
    }
    String key = cut("a tag's name", name, UsageRules.MAX_TAG_NAME_LENGTH);
    if (key.isEmpty() || tags.size() >= UsageRules.MAX_TAGS && !tags.containsKey(key)) {
      warnings.add("the tag " + UsageRules.shown(name) + " is left out");
      return;
    }
    tags.put(key, cut("the tag " + key, value, UsageRules.MAX_ID_LENGTH));
  }

  /** What LiteLLM takes for the cost, to compare; never what Outlay books. */
  private String cost() {
    JsonNode cost = payload.path("response_cost");
    if (!cost.isNumber()) {
      return "";
    }
    BigDecimal value = cost.decimalValue();
    return Math.abs((long) value.scale()) > MAX_PLACES ? value.toString() : value.toPlainString();
  }

  private String dimension(JsonNode object, String name) {
    JsonNode node = object.path(name);
    String value = node.isValueNode() && !node.isNull() ? node.asText() : "";
    return cut(name, value, UsageRules.MAX_DIMENSION_LENGTH);
  }

  /** A label within its bounds: without control characters, and not too long. */
  private String cut(String name, String value, int max) {
    StringBuilder kept = new StringBuilder(Math.min(value.length(), max));
    int at = 0;
    for (; at < value.length(); at = value.offsetByCodePoints(at, 1)) {
      int c = value.codePointAt(at);
      boolean half = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
      int clean = half ? 0xfffd : c < ' ' || c == 0x7f ? ' ' : c;
      if (kept.length() + Character.charCount(clean) > max) {
        warnings.add(name + " is cut to " + max + " characters");
        break;
      }
      kept.appendCodePoint(clean);
    }
    return kept.toString();
  }

  private void warn(UsageEvent event) {
    List<String> all = new ArrayList<>();
    if (!event.getWarning().isEmpty()) {
      all.add(event.getWarning());
    }
    all.addAll(warnings);
    String warning = String.join("; ", all);
    int max = UsageRules.MAX_ID_LENGTH;
    event.setWarning(warning.length() <= max ? warning : warning.substring(0, max - 1) + "…");
  }

  private static String text(JsonNode object, String name) {
    JsonNode node = object.path(name);
    return node.isTextual() ? node.textValue() : "";
  }
}
