package io.outlay.collectors.provider;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The APIs whose responses are understood as they come. */
public enum ProviderApi {
  OPENAI_CHAT("openai.chat", "openai", "chat", "usage", "", TokenMapping.OPENAI_CHAT),
  OPENAI_RESPONSES(
      "openai.responses", "openai", "chat", "usage", "response", TokenMapping.OPENAI_RESPONSES),
  OPENAI_EMBEDDINGS(
      "openai.embeddings", "openai", "embedding", "usage", "", TokenMapping.OPENAI_EMBEDDINGS),
  ANTHROPIC_MESSAGES(
      "anthropic.messages", "anthropic", "chat", "usage", "message", TokenMapping.ANTHROPIC),
  GEMINI_GENERATE_CONTENT(
      "gemini.generate-content", "google", "chat", "usageMetadata", "", TokenMapping.GEMINI),
  BEDROCK_CONVERSE("bedrock.converse", "aws", "chat", "usage", "metadata", TokenMapping.BEDROCK);

  private static final Map<String, ProviderApi> BY_ID =
      Arrays.stream(values()).collect(Collectors.toMap(ProviderApi::id, Function.identity()));
  private static final String IDS =
      Arrays.stream(values()).map(ProviderApi::id).collect(Collectors.joining(", "));

  /** Strings that say something, and counts, so that one that is a string is not passed over. */
  private static final Set<String> TEXTS =
      Stream.concat(
              Stream.of(
                  "id",
                  "type",
                  "model",
                  "modelVersion",
                  "responseId",
                  "service_tier",
                  "serviceTier",
                  "trafficType",
                  "inference_geo",
                  "speed",
                  "message",
                  "error",
                  "__type"),
              Arrays.stream(TokenMapping.values()).flatMap(mapping -> mapping.names().stream()))
          .collect(Collectors.toSet());

  private final String id;
  private final String provider;
  private final String operation;
  private final String usage;
  private final String wrapper;
  private final TokenMapping mapping;

  ProviderApi(
      String id,
      String provider,
      String operation,
      String usage,
      String wrapper,
      TokenMapping mapping) {
    this.id = id;
    this.provider = provider;
    this.operation = operation;
    this.usage = usage;
    this.wrapper = wrapper;
    this.mapping = mapping;
  }

  /** The API of that id, or null if there is none. */
  public static @Nullable ProviderApi of(String id) {
    return BY_ID.get(id);
  }

  /** All ids, for people. */
  public static String ids() {
    return IDS;
  }

  /** Such as {@code openai.chat}. */
  public String id() {
    return id;
  }

  /** Who bills its calls, as the price file names it. */
  public String provider() {
    return provider;
  }

  /** What its calls do, such as {@code chat}. */
  public String operation() {
    return operation;
  }

  /** Reads documents of this API, and of the others. */
  public static Gist gist() {
    return new Gist(
        Set.of("response", "message", "metadata"),
        Set.of("usage", "usageMetadata"),
        TEXTS,
        Set.of("cache_creation", "server_tool_use", "metrics", "iterations"),
        "output",
        "web_search_call",
        // Opening a page and finding something in it are not billed.
        "search");
  }

  /** Name of the usage object inside of a response. */
  String usage() {
    return usage;
  }

  /** Name of the object that responses stand in inside of a stream's events; empty if in none. */
  String wrapper() {
    return wrapper;
  }

  TokenMapping mapping() {
    return mapping;
  }
}
