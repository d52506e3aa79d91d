package io.outlay.collectors.provider;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.format.Reception;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code x-outlay-*} headers say of a call that its response does not: whom it belongs to,
 * when it happened. Values are percent-encoded UTF-8, or plain where they need no encoding.
 */
public final class UsageHeaders {
  private static final String PREFIX = "x-outlay-";
  private static final String TAG = "tag-";

  /** Names by the field of an event that they fill. */
  private static final Map<String, String> BY_FIELD = new LinkedHashMap<>();

  static {
    BY_FIELD.put("id", "id");
    BY_FIELD.put("source", "source");
    BY_FIELD.put("time", "time");
    BY_FIELD.put("data.team", "team");
    BY_FIELD.put("data.project", "project");
    BY_FIELD.put("data.feature", "feature");
    BY_FIELD.put("data.customer", "customer");
    BY_FIELD.put("data.user", "user");
    BY_FIELD.put("data.environment", "environment");
    BY_FIELD.put("data.region", "region");
    BY_FIELD.put("data.requestId", "request-id");
    BY_FIELD.put("data.traceId", "trace-id");
    BY_FIELD.put("data.provider", "provider");
    BY_FIELD.put("data.model", "model");
    BY_FIELD.put("data.baselineModel", "baseline-model");
    BY_FIELD.put("data.operation", "operation");
    BY_FIELD.put("data.serviceTier", "service-tier");
    BY_FIELD.put("data.batch", "batch");
    BY_FIELD.put("data.latencyMs", "latency-ms");
    BY_FIELD.put("data.status", "status");
  }

  private final Map<String, String> values = new HashMap<>();
  private final Map<String, String> tags = new HashMap<>();

  /**
   * @param headers of the request, names in any case; those of others are ignored
   * @throws UnusableReportException naming a header that is not known, is given twice or is not
   *     encoded well
   */
  public UsageHeaders(Map<String, List<String>> headers) throws UnusableReportException {
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(PREFIX)) {
        if (header.getValue().size() != 1) {
          throw new UnusableReportException(name, "is given twice");
        }
        put(name.substring(PREFIX.length()), decoded(name, header.getValue().get(0)));
      }
    }
  }

  private void put(String name, String value) throws UnusableReportException {
    if (name.startsWith(TAG) && name.length() > TAG.length()) {
      tags.put(name.substring(TAG.length()), value);
    } else if (BY_FIELD.containsValue(name)) {
      values.put(name, value);
    } else {
      throw new UnusableReportException(
          PREFIX + Counts.cut(name),
          "is not known; known are "
              + PREFIX
              + String.join(", " + PREFIX, BY_FIELD.values())
              + ", "
              + PREFIX
              + TAG
              + "NAME");
    }
  }

  /** Percent-encoded UTF-8, where a plus is a plus; what is sent plain may be UTF-8 too. */
  private static String decoded(String name, String value) throws UnusableReportException {
    String plain = value;
    if (value.chars().anyMatch(c -> c > 0x7f) && value.chars().allMatch(c -> c <= 0xff)) {
      try {
        // Bytes beyond ASCII come as one character each.
        plain =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
                .toString();
      } catch (CharacterCodingException e) {
        plain = value;
      }
    }
    try {
      return URLDecoder.decode(plain.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new UnusableReportException(
          name, "must be percent-encoded, was " + UsageRules.shown(value));
    }
  }

  /** Value of {@code x-outlay-id}, or null if there is none. */
  @Nullable String id() {
    return values.get("id");
  }

  /**
   * Makes an event of what a provider reports.
   *
   * @throws UnusableReportException naming the header or the field that breaks a bound
   */
  UsageEvent event(ProviderApi api, ProviderReport report, Reception reception)
      throws UnusableReportException {
    if (value("id", report.id()).isEmpty()) {
      throw new UnusableReportException(
          PREFIX + "id", "is required: the object has no id of its own");
    }
    if (value("model", report.model()).isEmpty()) {
      throw new UnusableReportException(
          PREFIX + "model", "is required: the object does not name the model");
    }
    UsageEvent event = new UsageEvent();
    event.setId(value("id", report.id()));
    event.setSource(value("source", source(api, reception.publisher())));
    event.setEventTimeMicros(time(reception));
    event.setIngestedAtMicros(reception.receivedAtMicros());
    event.setTeam(value("team", ""));
    event.setProject(value("project", ""));
    event.setFeature(value("feature", ""));
    event.setCustomer(value("customer", ""));
    event.setUser(value("user", ""));
    event.setEnvironment(value("environment", ""));
    event.setRegion(value("region", ""));
    event.setRequestId(value("request-id", ""));
    event.setTraceId(value("trace-id", ""));
    event.setTags(tags);
    event.setWarning("");
    LlmUsage llm = new LlmUsage();
    llm.setProvider(value("provider", api.provider()));
    llm.setModel(value("model", ""));
    llm.setBaselineModel(value("baseline-model", ""));
    llm.setOperation(value("operation", api.operation()));
    llm.setServiceTier(value("service-tier", ""));
    llm.setBatch(batch());
    llm.setLatencyMs(latency());
    llm.setStatus(value("status", ""));
    llm.setRequests(1);
    report.fill(llm);
    event.setDetail(llm);
    report.describe(event, api.id());
    Violation violation = Attribution.settle(event, reception.publisher(), null);
    if (violation == null) {
      violation = UsageRules.check(event);
    }
    if (violation != null) {
      throw new UnusableReportException(header(violation.field()), violation.error());
    }
    return event;
  }

  /** Ids are only unique among those of one sender. */
  private static String source(ProviderApi api, Publisher publisher) {
    return publisher.equals(Publisher.ANONYMOUS) ? api.id() : api.id() + "/" + publisher.name();
  }

  private String value(String name, String fallback) {
    String value = values.get(name);
    return value == null || value.isEmpty() ? fallback : value;
  }

  private long time(Reception reception) throws UnusableReportException {
    String text = value("time", "");
    if (text.isEmpty()) {
      return reception.receivedAtMicros();
    }
    long micros;
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      micros =
          Math.addExact(
              Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
    } catch (DateTimeException | ArithmeticException e) {
      throw new UnusableReportException(
          PREFIX + "time",
          "must be an RFC 3339 time such as 2026-11-21T02:00:00Z, was " + UsageRules.shown(text));
    }
    if (micros > reception.latestMicros()) {
      throw new UnusableReportException(
          PREFIX + "time",
          "must not be more than "
              + BigDecimal.valueOf(reception.maxFuture().toMillis(), 3)
                  .stripTrailingZeros()
                  .toPlainString()
              + " s ahead of the collector's clock, was "
              + UsageRules.shown(text));
    }
    return micros;
  }

  private boolean batch() throws UnusableReportException {
    String text = value("batch", "false");
    if (!text.equals("true") && !text.equals("false")) {
      throw new UnusableReportException(
          PREFIX + "batch", "must be true or false, was " + UsageRules.shown(text));
    }
    return text.equals("true");
  }

  private @Nullable Long latency() throws UnusableReportException {
    String text = value("latency-ms", "");
    if (text.isEmpty()) {
      return null;
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new UnusableReportException(
          PREFIX + "latency-ms", "must be a whole number >= 0, was " + UsageRules.shown(text));
    }
  }

  /** The header that a field comes from, or the field itself where it comes from the body. */
  private String header(String field) {
    String name = BY_FIELD.get(field);
    if (name == null) {
      return field.startsWith("data.tags.")
          ? PREFIX + TAG + field.substring("data.tags.".length())
          : field;
    }
    return PREFIX + name;
  }
}
