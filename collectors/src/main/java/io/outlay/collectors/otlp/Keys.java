package io.outlay.collectors.otlp;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The attributes that are looked at, of all generations of conventions: OpenTelemetry's (new and
 * old), OpenInference's and OpenLLMetry's. In each list the first one that is there holds.
 */
final class Keys {
  static final List<String> PROVIDER =
      List.of("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor");

  /** The model that answered is billed, whichever was asked for. */
  static final List<String> MODEL =
      List.of(
          "gen_ai.response.model",
          "llm.response.model_name",
          "llm.response.model",
          "gen_ai.request.model",
          "llm.model_name",
          "llm.request.model_name",
          "llm.request.model",
          "embedding.model_name",
          "reranker.model_name");

  /** The name of an event, in log records of before it had a field of its own. */
  static final String EVENT_NAME = "event.name";

  static final String OPERATION = "gen_ai.operation.name";
  static final String OPENINFERENCE_KIND = "openinference.span.kind";
  static final String OPENLLMETRY_KIND = "traceloop.span.kind";
  static final String REQUEST_TYPE = "llm.request.type";

  static final List<String> INPUT =
      List.of(
          "gen_ai.usage.input_tokens",
          "gen_ai.usage.prompt_tokens",
          "llm.usage.prompt_tokens",
          "llm.token_count.prompt");
  static final List<String> OUTPUT =
      List.of(
          "gen_ai.usage.output_tokens",
          "gen_ai.usage.completion_tokens",
          "llm.usage.completion_tokens",
          "llm.token_count.completion");
  static final List<String> TOTAL =
      List.of("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total");
  static final List<String> CACHE_READ =
      List.of(
          "gen_ai.usage.cache_read.input_tokens",
          "gen_ai.usage.cache_read_input_tokens",
          "gen_ai.usage.prompt_tokens_details.cached_tokens",
          "gen_ai.usage.details.cache_read_tokens",
          "llm.usage.cache_read_input_tokens",
          "llm.token_count.prompt_details.cache_read",
          "llm.token_count.prompt_details.cache_input");
  static final List<String> CACHE_WRITE =
      List.of(
          "gen_ai.usage.cache_write.input_tokens",
          "gen_ai.usage.cache_creation.input_tokens",
          "gen_ai.usage.cache_creation_input_tokens",
          "gen_ai.usage.details.cache_write_tokens",
          "llm.usage.cache_creation_input_tokens",
          "llm.token_count.prompt_details.cache_write");
  static final List<String> REASONING =
      List.of(
          "gen_ai.usage.reasoning.output_tokens",
          "gen_ai.usage.reasoning_tokens",
          "gen_ai.usage.completion_tokens_details.reasoning_tokens",
          "gen_ai.usage.details.reasoning_tokens",
          "llm.usage.reasoning_tokens",
          "llm.token_count.completion_details.reasoning");
  static final List<String> INPUT_AUDIO =
      List.of(
          "gen_ai.usage.audio.input_tokens",
          "gen_ai.usage.prompt_tokens_details.audio_tokens",
          "llm.token_count.prompt_details.audio");
  static final List<String> OUTPUT_AUDIO =
      List.of(
          "gen_ai.usage.audio.output_tokens",
          "gen_ai.usage.completion_tokens_details.audio_tokens",
          "llm.token_count.completion_details.audio");

  /** The tier that was served decides the price; the one that was asked for stands in for it. */
  static final List<String> SERVICE_TIER =
      List.of(
          "openai.response.service_tier",
          "gen_ai.openai.response.service_tier",
          "openai.request.service_tier",
          "gen_ai.openai.request.service_tier");

  static final String ERROR_TYPE = "error.type";
  static final String TOKEN_TYPE = "gen_ai.token.type";
  static final String MODALITY = "gen_ai.token.modality";

  static final String SERVICE_NAME = "service.name";
  static final String NAMESPACE = "k8s.namespace.name";

  static final List<String> TEAM = List.of("outlay.team");
  static final List<String> PROJECT = List.of("outlay.project");
  static final List<String> FEATURE = List.of("outlay.feature");
  static final List<String> CUSTOMER = List.of("outlay.customer");
  static final List<String> USER = List.of("outlay.user", "user.id", "enduser.id");
  static final List<String> ENVIRONMENT =
      List.of("outlay.environment", "deployment.environment.name", "deployment.environment");
  static final List<String> REGION = List.of("outlay.region", "cloud.region");
  static final List<String> REQUEST = List.of("outlay.request_id");

  /** Become tags of the same name. */
  static final List<String> TAGS = List.of("session.id");

  /** What follows one of these is the name of a tag. */
  static final List<String> TAG_PREFIXES =
      List.of("outlay.tag.", "traceloop.association.properties.");

  /** A list of tags without values. */
  static final String TAG_LIST = "tag.tags";

  /** What tells that a span knows its tokens. */
  static final List<List<String>> USAGE =
      List.of(INPUT, OUTPUT, TOTAL, CACHE_READ, CACHE_WRITE, REASONING, INPUT_AUDIO, OUTPUT_AUDIO);

  private static final Set<String> KNOWN = new HashSet<>();

  static {
    for (List<String> keys :
        List.of(
            PROVIDER,
            MODEL,
            List.of(EVENT_NAME, OPERATION, OPENINFERENCE_KIND, OPENLLMETRY_KIND, REQUEST_TYPE),
            SERVICE_TIER,
            List.of(ERROR_TYPE, TOKEN_TYPE, MODALITY, SERVICE_NAME, NAMESPACE, TAG_LIST),
            TEAM,
            PROJECT,
            FEATURE,
            CUSTOMER,
            USER,
            ENVIRONMENT,
            REGION,
            REQUEST,
            TAGS)) {
      KNOWN.addAll(keys);
    }
    USAGE.forEach(KNOWN::addAll);
  }

  private Keys() {}

  /** Whether an attribute is looked at. */
  static boolean isKnown(String key) {
    return KNOWN.contains(key) || tagName(key) != null;
  }

  /** Name of the tag that an attribute becomes by its prefix, null if it becomes none. */
  static @Nullable String tagName(String key) {
    for (String prefix : TAG_PREFIXES) {
      if (key.length() > prefix.length() && key.startsWith(prefix)) {
        return key.substring(prefix.length());
      }
    }
    return null;
  }
}
