package io.outlay.collectors.litellm;

import io.outlay.collectors.provider.ProviderNames;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** LiteLLM's names of providers, models and kinds of call, and what Outlay calls them. */
final class Names {
  static final String UNKNOWN = "unknown";

  private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-\\d");

  /** What LiteLLM puts before a model's name; others put the maker or the host there. */
  private static final Set<String> PREFIXES =
      Set.of(
          "openai",
          "text-completion-openai",
          "azure",
          "azure_text",
          "azure_ai",
          "anthropic",
          "anthropic_text",
          "aws",
          "bedrock",
          "bedrock_converse",
          "google",
          "gemini",
          "vertex_ai",
          "vertex_ai_beta",
          "palm",
          "cohere",
          "cohere_chat",
          "mistral",
          "codestral",
          "text-completion-codestral",
          "xai",
          "x-ai",
          "voyage",
          "voyageai",
          "deepseek");

  private static final Map<String, String> OPERATIONS =
      Map.ofEntries(
          Map.entry("completion", "chat"),
          Map.entry("text_completion", "chat"),
          Map.entry("responses", "chat"),
          Map.entry("anthropic_messages", "chat"),
          Map.entry("generate_content", "chat"),
          Map.entry("generate_content_stream", "chat"),
          Map.entry("embedding", "embedding"),
          Map.entry("rerank", "rerank"),
          Map.entry("image_generation", "image"),
          Map.entry("image_edit", "image"),
          Map.entry("image_variation", "image"),
          Map.entry("speech", "speech"),
          Map.entry("transcription", "transcription"),
          Map.entry("moderation", "moderation"));

  private Names() {}

  /**
   * A model without what LiteLLM puts before its name.
   *
   * @param name as the price file has it
   * @param region that the name tells, empty if it tells none
   */
  record Model(String name, String region) {}

  /** Who bills a call, as the price file names it; {@link #UNKNOWN} for an empty name. */
  static String provider(String name) {
    return name.isEmpty() ? UNKNOWN : ProviderNames.of(name);
  }

  /** LiteLLM's name of the provider, of the model's prefix where it is not said. */
  static String providerOf(String said, String model) {
    int slash = model.indexOf('/');
    if (!said.isEmpty() || slash < 0) {
      return said;
    }
    String prefix = model.substring(0, slash);
    return PREFIXES.contains(prefix) ? prefix : "";
  }

  /**
   * The model without the provider before it, and for Amazon without route and region.
   *
   * @param provider LiteLLM's name of it
   */
  static Model model(String provider, String name) {
    if (provider.isEmpty() || !name.startsWith(provider + "/")) {
      return new Model(name, "");
    }
    String rest = name.substring(provider.length() + 1);
    String region = "";
    if (provider.startsWith("bedrock")) {
      for (String route : new String[] {"converse/", "invoke/"}) {
        if (rest.startsWith(route)) {
          rest = rest.substring(route.length());
        }
      }
      int slash = rest.indexOf('/');
      if (slash > 0 && REGION.matcher(rest.substring(0, slash)).matches()) {
        region = rest.substring(0, slash);
        rest = rest.substring(slash + 1);
      }
    }
    return new Model(rest, region);
  }

  /** The kind of call; what has no name of ours keeps its own. */
  static String operation(String callType) {
    String operation = OPERATIONS.get(callType);
    if (operation == null && callType.startsWith("a")) {
      operation = OPERATIONS.get(callType.substring(1));
    }
    return operation == null ? callType : operation;
  }
}
