package io.outlay.client;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call of a model. What it used is told either in token buckets or by the provider's own usage
 * object; requests or web searches alone will do, too.
 */
public final class LlmUsage extends TokenEvent<LlmUsage> {
  private final @Nullable String provider;
  private final @Nullable String model;
  private @Nullable String baselineModel;
  private @Nullable String operation;
  private @Nullable String serviceTier;
  private @Nullable Boolean batch;
  private @Nullable Long latencyMs;
  private @Nullable String status;
  private @Nullable Long requests;
  private @Nullable Long webSearches;
  private boolean usageGiven;
  private @Nullable ProviderApi api;
  private @Nullable String usage;

  private LlmUsage(@Nullable String provider, @Nullable String model) {
    super("io.outlay.llm.usage");
    this.provider = provider;
    this.model = model;
  }

  /**
   * @param provider required, such as {@code openai}
   * @param model required, as the provider names it
   */
  public static LlmUsage of(@Nullable String provider, @Nullable String model) {
    return new LlmUsage(provider, model);
  }

  /** The model that would have been used without routing; the difference is what was saved. */
  public LlmUsage baselineModel(@Nullable String value) {
    baselineModel = value;
    return this;
  }

  /** Such as {@code chat}, {@code embedding}, {@code rerank}. */
  public LlmUsage operation(@Nullable String value) {
    operation = value;
    return this;
  }

  /** The tier that served the call, such as {@code standard}, {@code flex}, {@code priority}. */
  public LlmUsage serviceTier(@Nullable String value) {
    serviceTier = value;
    return this;
  }

  /** Whether the provider's batch prices hold. */
  public LlmUsage batch(boolean value) {
    batch = value;
    return this;
  }

  /** In milliseconds, at most a day. */
  public LlmUsage latencyMs(long value) {
    latencyMs = value;
    return this;
  }

  /** As {@link #latencyMs}, cut to whole milliseconds. */
  public LlmUsage latency(@Nullable Duration value) {
    try {
      latencyMs = value == null ? null : (Long) value.toMillis();
    } catch (ArithmeticException e) {
      latencyMs = value == null || value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return this;
  }

  /** Such as {@code ok} or {@code error}. */
  public LlmUsage status(@Nullable String value) {
    status = value;
    return this;
  }

  /** At most 10<sup>9</sup>; not given: 1. */
  public LlmUsage requests(long value) {
    requests = value;
    return this;
  }

  /** At most 10<sup>9</sup>. */
  public LlmUsage webSearches(long value) {
    webSearches = value;
    return this;
  }

  /**
   * The provider's usage object as it came, instead of token buckets; the collector takes it apart.
   *
   * @param api which API it came from
   * @param json the object, or the whole response that holds it; at most 1 MiB
   */
  public LlmUsage usage(@Nullable ProviderApi api, @Nullable String json) {
    this.usageGiven = true;
    this.api = api;
    this.usage = json;
    return this;
  }

  @Override
  void writeDetail(EventWriter out) throws IOException {
    out.requiredText("provider", provider, Bounds.MAX_DIMENSION_LENGTH);
    out.requiredText("model", model, Bounds.MAX_DIMENSION_LENGTH);
    out.dimension("baselineModel", baselineModel);
    out.dimension("operation", operation);
    out.dimension("serviceTier", serviceTier);
    out.flag("batch", batch);
    out.count("latencyMs", latencyMs, Bounds.MAX_LATENCY_MS);
    out.dimension("status", status);
    if (usageGiven) {
      writeUsage(out);
    } else if (!hasTokens() && requests == null && webSearches == null) {
      throw new InvalidEventException(
          "data.tokens",
          "is required unless data.usage, data.requests or data.webSearches says what was used");
    } else {
      writeTokens(out);
    }
    out.count("requests", requests, Bounds.MAX_REQUESTS);
    out.count("webSearches", webSearches, Bounds.MAX_REQUESTS);
  }

  private void writeUsage(EventWriter out) throws IOException {
    if (hasTokens()) {
      throw new InvalidEventException(
          "data.tokens", "must be absent where data.usage is given: it would count twice");
    }
    if (api == null) {
      throw new InvalidEventException("data.api", "is required where data.usage is given");
    }
    if (usage == null) {
      throw new InvalidEventException("data.usage", "is required where data.api is given");
    }
    out.text("api", api.id(), Bounds.MAX_DIMENSION_LENGTH);
    out.object("usage", usage);
  }
}
