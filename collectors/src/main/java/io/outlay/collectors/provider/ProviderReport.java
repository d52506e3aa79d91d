package io.outlay.collectors.provider;

import io.outlay.schema.LlmUsage;
import io.outlay.schema.ProviderUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a provider reports of one call.
 *
 * @param tokens in disjoint buckets, each within its bounds
 * @param webSearches that the provider ran, ≥ 0
 * @param id of the response, empty if it has none
 * @param model that served the call, empty if the object does not say
 * @param serviceTier that was served, {@code standard} included; empty if the object does not say
 * @param batch whether the object says that the call ran as a batch
 * @param region that served the call, empty if the object does not say
 * @param latencyMs that the provider measured, null if the object does not say
 * @param warning what is contradictory and how it was taken, empty if nothing is
 * @param usage the usage object, as compact JSON in ASCII
 */
public record ProviderReport(
    TokenCounts tokens,
    long webSearches,
    String id,
    String model,
    String serviceTier,
    boolean batch,
    String region,
    @Nullable Long latencyMs,
    String warning,
    String usage) {
  private static final String REGION_TAG = "anthropic.inference_geo";

  /** Whether the usage object is short enough to be kept beside the event. */
  public boolean isKept() {
    return usage.length() <= UsageRules.MAX_PROVIDER_USAGE_LENGTH;
  }

  /**
   * Keeps the usage object and the warning beside the event; says so where the object is too long.
   *
   * @param api whose shape the object has
   */
  public void describe(UsageEvent event, String api) {
    List<String> warnings = new ArrayList<>();
    if (isKept()) {
      event.setProviderUsage(new ProviderUsage(api, usage));
    } else {
      warnings.add(
          "the usage object is not kept: it has more than "
              + UsageRules.MAX_PROVIDER_USAGE_LENGTH
              + " characters");
    }
    if (!event.getWarning().isEmpty()) {
      warnings.add(event.getWarning());
    }
    if (!warning.isEmpty()) {
      warnings.add(warning);
    }
    if (event.getRegion().isEmpty()) {
      event.setRegion(region);
    } else if (!region.isEmpty() && !region.equals(event.getRegion())) {
      keepRegion(event, warnings);
    }
    event.setWarning(Counts.joined(warnings));
  }

  /** The region that an event names may be the caller's own; where the provider ran decides too. */
  private void keepRegion(UsageEvent event, List<String> warnings) {
    Map<String, String> tags = new HashMap<>(event.getTags());
    if (tags.size() >= UsageRules.MAX_TAGS && !tags.containsKey(REGION_TAG)) {
      warnings.add("the tag " + REGION_TAG + " " + UsageRules.shown(region) + " is left out");
      return;
    }
    tags.put(REGION_TAG, region);
    event.setTags(tags);
  }

  /** Fills in what the provider counted, and what nobody else has said. */
  public void fill(LlmUsage llm) {
    llm.setTokens(tokens);
    llm.setWebSearches(webSearches);
    if (llm.getModel().isEmpty()) {
      llm.setModel(model);
    }
    if (!serviceTier.isEmpty()) {
      // What was served decides the price, not what was asked for.
      llm.setServiceTier(serviceTier);
    }
    llm.setBatch(llm.getBatch() || batch);
    if (llm.getLatencyMs() == null) {
      llm.setLatencyMs(latencyMs);
    }
  }
}
