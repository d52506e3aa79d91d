package io.outlay.streams.http;

import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A usage that somebody asks the price of, from the parameters of a request, named as the fields of
 * events are. {@code gpuModel} asks for a GPU, {@code tier} with {@code bytes} for storage,
 * anything else for the call of a model.
 */
final class ExplainQuery {
  private final Map<String, List<String>> parameters;
  private final Set<String> asked = new HashSet<>();

  private ExplainQuery(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /**
   * The usage that parameters describe.
   *
   * @param now time of the usage if they name none
   * @throws WrongRequestException naming parameter and value
   */
  static UsageEvent event(Map<String, List<String>> parameters, Instant now) {
    ExplainQuery query = new ExplainQuery(parameters);
    UsageEvent event = query.read(now);
    Set<String> unknown = new TreeSet<>(parameters.keySet());
    unknown.removeAll(query.asked);
    if (!unknown.isEmpty()) {
      throw new WrongRequestException(
          unknown.iterator().next(),
          "is not a parameter here; those are " + new TreeSet<>(query.asked));
    }
    Violation violation = UsageRules.check(event);
    if (violation != null) {
      throw new WrongRequestException(
          violation.field().replace("data.tokens.", "").replace("data.", ""), violation.error());
    }
    return event;
  }

  private UsageEvent read(Instant now) {
    long time = ChronoUnit.MICROS.between(Instant.EPOCH, time(now));
    String team = text("team");
    return UsageEvent.newBuilder()
        .setId("explain")
        .setSource("explain")
        .setEventTimeMicros(time)
        .setIngestedAtMicros(time)
        .setTeam(team.isEmpty() ? "unattributed" : team)
        .setCustomer(text("customer"))
        .setRegion(text("region"))
        .setDetail(detail())
        .build();
  }

  private Object detail() {
    if (parameters.containsKey("gpuModel")) {
      return GpuUsage.newBuilder()
          .setGpuModel(text("gpuModel"))
          .setGpuMicros(scaled("gpuSeconds", 3_600_000_000L))
          .setPurchaseOption(or(text("purchaseOption"), "on_demand"))
          .setCloud(text("cloud"))
          .build();
    }
    if (parameters.containsKey("tier")) {
      return StorageUsage.newBuilder()
          .setTier(text("tier"))
          .setBytes(count("bytes"))
          .setMicros(scaled("seconds", 0))
          .build();
    }
    return llm();
  }

  private LlmUsage llm() {
    TokenCounts tokens =
        TokenCounts.newBuilder()
            .setInput(count("input"))
            .setCacheRead(count("cacheRead"))
            .setCacheWrite5m(count("cacheWrite5m"))
            .setCacheWrite1h(count("cacheWrite1h"))
            .setOutput(count("output"))
            .setReasoning(count("reasoning"))
            .setInputAudio(count("inputAudio"))
            .setOutputAudio(count("outputAudio"))
            .setInputImage(count("inputImage"))
            .setOutputImage(count("outputImage"))
            .build();
    MediaCounts media =
        new MediaCounts(count("images"), count("characters"), scaled("seconds", 0), count("pages"));
    return LlmUsage.newBuilder()
        .setProvider(text("provider"))
        .setModel(text("model"))
        .setBaselineModel(text("baselineModel"))
        .setServiceTier(text("serviceTier"))
        .setBatch(flag("batch"))
        .setTokens(tokens)
        .setRequests(parameters.containsKey("requests") ? count("requests") : 1)
        .setWebSearches(count("webSearches"))
        .setMedia(media.equals(new MediaCounts(0L, 0L, 0L, 0L)) ? null : media)
        .build();
  }

  private Instant time(Instant now) {
    String time = text("time");
    if (time.isEmpty()) {
      return now;
    }
    return instant("time", time);
  }

  /** A date, meaning midnight UTC, or an instant. */
  static Instant instant(String parameter, String value) {
    try {
      return value.length() == "2026-01-01".length()
          ? LocalDate.parse(value).atStartOfDay().toInstant(ZoneOffset.UTC)
          : Instant.parse(value);
    } catch (DateTimeException e) {
      throw new WrongRequestException(
          parameter, "must be a date or an instant such as 2026-11-21T02:00:00Z, was " + value);
    }
  }

  private String text(String name) {
    asked.add(name);
    List<String> values = parameters.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new WrongRequestException(name, "is given twice");
    }
    return values.isEmpty() ? "" : values.get(0);
  }

  private boolean flag(String name) {
    String value = text(name);
    if (!Set.of("", "true", "false").contains(value)) {
      throw new WrongRequestException(name, "must be true or false, was " + value);
    }
    return value.equals("true");
  }

  private long count(String name) {
    String value = text(name);
    try {
      return value.isEmpty() ? 0 : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new WrongRequestException(name, "must be a whole number, was " + value);
    }
  }

  /** Decimal seconds as microseconds. */
  private long scaled(String name, long absent) {
    String value = text(name);
    try {
      return value.isEmpty() ? absent : new BigDecimal(value).movePointRight(6).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new WrongRequestException(
          name, "must be seconds with at most 6 decimals, was " + value);
    }
  }

  private static String or(@Nullable String value, String fallback) {
    return value == null || value.isEmpty() ? fallback : value;
  }
}
