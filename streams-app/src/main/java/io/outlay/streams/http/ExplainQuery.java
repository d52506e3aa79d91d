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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A usage that somebody asks the price of, from the parameters of a request, named as the fields of
 * events are. {@code gpuModel} asks for a GPU, {@code tier} with {@code bytes} for storage,
 * anything else for the call of a model.
 */
final class ExplainQuery {
  private final Parameters parameters;

  private ExplainQuery(Parameters parameters) {
    this.parameters = parameters;
  }

  /**
   * The usage that parameters describe.
   *
   * @param now time of the usage if they name none
   * @throws WrongRequestException naming parameter and value
   */
  static UsageEvent event(Map<String, List<String>> values, Instant now) {
    Parameters parameters = new Parameters(values);
    UsageEvent event = new ExplainQuery(parameters).read(now);
    parameters.requireNoOther();
    Violation violation = UsageRules.check(event);
    if (violation != null) {
      throw new WrongRequestException(
          violation.field().replace("data.tokens.", "").replace("data.", ""), violation.error());
    }
    return event;
  }

  private UsageEvent read(Instant now) {
    Long asked = parameters.micros("time");
    long time = asked == null ? ChronoUnit.MICROS.between(Instant.EPOCH, now) : asked;
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
    if (parameters.has("gpuModel")) {
      return GpuUsage.newBuilder()
          .setGpuModel(text("gpuModel"))
          .setGpuMicros(scaled("gpuSeconds", 3_600_000_000L))
          .setPurchaseOption(or(text("purchaseOption"), "on_demand"))
          .setCloud(text("cloud"))
          .build();
    }
    if (parameters.has("tier")) {
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
        .setBatch(parameters.flag("batch"))
        .setTokens(tokens)
        .setRequests(parameters.has("requests") ? count("requests") : 1)
        .setWebSearches(count("webSearches"))
        .setMedia(media.equals(new MediaCounts(0L, 0L, 0L, 0L)) ? null : media)
        .build();
  }

  private String text(String name) {
    return parameters.text(name);
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
