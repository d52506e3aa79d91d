package io.outlay.collectors.otlp;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names that conventions have for providers, as the price book names them. */
final class Providers {
  static final String ANTHROPIC = "anthropic";
  static final String AWS = "aws";
  static final String GOOGLE = "google";
  static final String UNKNOWN = "unknown";
  private static final String OPENAI = "openai";

  private static final Map<String, String> NAMES = new HashMap<>();
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

  static {
    // Azure sells OpenAI's models at OpenAI's list prices.
    are(
        OPENAI,
        "azure.ai.openai",
        "az.ai.openai",
        "azure.openai",
        "azure_openai",
        "azure-openai",
        "azure");
    are(
        GOOGLE,
        "gcp.gemini",
        "gcp.gen_ai",
        "gcp.vertex_ai",
        "gemini",
        "google_genai",
        "google-genai",
        "google_vertexai",
        "vertex_ai",
        "vertex-ai",
        "vertexai",
        "gcp");
    are(AWS, "aws.bedrock", "aws_bedrock", "amazon_bedrock", "amazon-bedrock", "bedrock", "amazon");
    are("mistral", "mistral_ai", "mistralai", "mistral-ai");
    are("x-ai", "x_ai", "xai", "x.ai");
    are("voyageai", "voyage_ai", "voyage", "voyage-ai");
    are(ANTHROPIC, "anthropic_ai", "claude");
    are("deepseek", "deep_seek");
    are("cohere", "cohere_ai");
    // Sells models of many makers, at prices of its own.
    are("azure.ai.inference", "az.ai.inference", "azure.ai.inference");
  }

  private Providers() {}

  private static void are(String provider, String... names) {
    for (String name : List.of(names)) {
      NAMES.put(name, provider);
    }
  }

  /**
   * The price book's name of a provider; one that has none there stays as it is, in lower case.
   * Some name the interface after the provider, such as {@code openai.chat}.
   */
  static String of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String known = NAMES.get(lower);
    int dot = lower.indexOf('.');
    if (known == null && dot > 0) {
      String first = lower.substring(0, dot);
      known = NAMES.containsValue(first) ? first : NAMES.get(first);
    }
    return known == null ? lower : known;
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
