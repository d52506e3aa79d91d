package io.outlay.collectors.provider;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names that conventions and gateways have for providers, as the price book names them. */
public final class ProviderNames {
  private static final String OPENAI = "openai";
  private static final String ANTHROPIC = "anthropic";
  private static final String GOOGLE = "google";
  private static final String AWS = "aws";
  private static final String MISTRAL = "mistral";
  private static final Map<String, String> NAMES = new HashMap<>();

  static {
    // Azure sells OpenAI's models at OpenAI's list prices.
    are(
        OPENAI,
        "azure.ai.openai",
        "az.ai.openai",
        "azure.openai",
        "azure_openai",
        "azure-openai",
        "azure",
        "azure_text",
        "azure_ai",
        "text-completion-openai");
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
        "gcp",
        "palm");
    are(
        AWS,
        "aws.bedrock",
        "aws_bedrock",
        "amazon_bedrock",
        "amazon-bedrock",
        "bedrock",
        "bedrock_converse",
        "amazon");
    are(MISTRAL, "mistral_ai", "mistralai", "mistral-ai", "codestral", "text-completion-codestral");
    are("x-ai", "x_ai", "xai", "x.ai");
    are("voyageai", "voyage_ai", "voyage", "voyage-ai");
    are(ANTHROPIC, "anthropic_ai", "anthropic_text", "claude");
    are("deepseek", "deep_seek");
    are("cohere", "cohere_ai", "cohere_chat");
    // Sells models of many makers, at prices of its own.
    are("azure.ai.inference", "az.ai.inference", "azure.ai.inference");
  }

  private ProviderNames() {}

  private static void are(String provider, String... names) {
    for (String name : List.of(names)) {
      NAMES.put(name, provider);
    }
  }

  /**
   * The price book's name of a provider; one that has none there stays as it is, in lower case.
   * Some name the interface after the provider, such as {@code openai.chat} or {@code
   * vertex_ai-language-models}.
   */
  public static String of(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String known = NAMES.get(lower);
    if (known != null) {
      return known;
    }
    if (lower.startsWith("vertex_ai")) {
      return GOOGLE;
    }
    int dot = lower.indexOf('.');
    if (dot > 0) {
      String first = lower.substring(0, dot);
      known = NAMES.containsValue(first) ? first : NAMES.get(first);
    }
    return known == null ? lower : known;
  }
}
