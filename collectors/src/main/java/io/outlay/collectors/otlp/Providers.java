package io.outlay.collectors.otlp;

import io.outlay.collectors.provider.ProviderNames;
import java.util.Map;

/** Who provides a model, and how its figures are meant. */
final class Providers {
  static final String ANTHROPIC = "anthropic";
  static final String AWS = "aws";
  static final String GOOGLE = "google";
  static final String UNKNOWN = "unknown";
  private static final String OPENAI = "openai";

  private static final Map<String, String> BY_MODEL =
      Map.of(
          "gpt-", OPENAI,
          "chatgpt-", OPENAI,
          "text-embedding-", OPENAI,
          "claude-", ANTHROPIC,
          "gemini-", GOOGLE,
          "voyage-", "voyageai",
          "deepseek-", "deepseek",
          "grok-", "x-ai");

  private Providers() {}

  /** The price book's name of a provider. */
  static String of(String name) {
    return ProviderNames.of(name);
  }

  /** Who makes a model, by its name; {@link #UNKNOWN} if the name does not tell. */
  static String ofModel(String model) {
    for (Map.Entry<String, String> entry : BY_MODEL.entrySet()) {
      if (model.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    return UNKNOWN;
  }

  /** Whether a provider's own figures of input do not contain what its cache read and wrote. */
  static boolean excludesCache(String provider, String model) {
    return provider.equals(ANTHROPIC) || provider.equals(AWS) || model.contains("claude");
  }

  /** Whether a provider's own figures of output do not contain its reasoning. */
  static boolean excludesReasoning(String provider, String model) {
    return provider.equals(GOOGLE) || model.contains("gemini");
  }
}
