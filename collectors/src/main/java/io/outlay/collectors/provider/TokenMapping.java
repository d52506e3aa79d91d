package io.outlay.collectors.provider;

import io.outlay.schema.TokenCounts;
import java.util.List;
import java.util.Locale;

/**
 * Takes the usage objects of the providers apart, into buckets that are disjoint and add up to the
 * provider's own total. Parts that are said to be inside of a total are taken out of it; where they
 * do not fit in, they are cut, and a warning says so.
 */
enum TokenMapping {
  /** OpenAI's chat completions, and the gateways that speak like them. */
  OPENAI_CHAT("prompt_tokens", "completion_tokens", "total_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      return openAi(usage, "prompt_tokens", "completion_tokens");
    }
  },
  /** OpenAI's responses. */
  OPENAI_RESPONSES("input_tokens", "output_tokens", "total_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      return openAi(usage, "input_tokens", "output_tokens");
    }
  },
  /** OpenAI's embeddings: some servers state the total alone. */
  OPENAI_EMBEDDINGS("prompt_tokens", "total_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      if (!usage.has("prompt_tokens")) {
        TokenCounts tokens = new TokenCounts();
        tokens.setInput(usage.of("total_tokens"));
        return tokens;
      }
      return openAi(usage, "prompt_tokens", "completion_tokens");
    }
  },
  /** Anthropic's messages: input excludes what was read from and written to the cache. */
  ANTHROPIC(
      "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      if (!usage.has("input_tokens")) {
        usage.warn("input_tokens is absent, taken as 0");
      }
      TokenCounts tokens = new TokenCounts();
      tokens.setInput(usage.of("input_tokens"));
      tokens.setCacheRead(usage.of("cache_read_input_tokens"));
      Counts creation = usage.in("cache_creation");
      long fiveMinutes = creation.of("ephemeral_5m_input_tokens");
      long hour = creation.of("ephemeral_1h_input_tokens");
      written(usage, tokens, "cache_creation_input_tokens", fiveMinutes, hour);
      Counts.Pool output = usage.pool("output_tokens", usage.of("output_tokens"));
      tokens.setReasoning(
          output.take("thinking_tokens", usage.in("output_tokens_details").of("thinking_tokens")));
      tokens.setOutput(output.left());
      return tokens;
    }

    @Override
    long webSearches(Counts usage) throws UnusableReportException {
      return usage.in("server_tool_use").of("web_search_requests");
    }
  },
  /** Google's generateContent: thoughts and tool prompts stand beside candidates and prompt. */
  GEMINI(
      "promptTokenCount",
      "candidatesTokenCount",
      "responseTokenCount",
      "thoughtsTokenCount",
      "toolUsePromptTokenCount",
      "totalTokenCount") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      return gemini(usage);
    }
  },
  /** Amazon's Converse: input excludes what was read from and written to the cache. */
  BEDROCK(
      "inputTokens",
      "outputTokens",
      "cacheReadInputTokens",
      "cacheWriteInputTokens",
      "totalTokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      TokenCounts tokens = new TokenCounts();
      tokens.setInput(usage.of("inputTokens"));
      tokens.setOutput(usage.of("outputTokens"));
      tokens.setCacheRead(usage.of("cacheReadInputTokens"));
      long fiveMinutes = 0;
      long hour = 0;
      for (Counts detail : usage.list("cacheDetails")) {
        if (detail.text("ttl").equals("1h")) {
          hour += detail.of("inputTokens");
        } else {
          fiveMinutes += detail.of("inputTokens");
        }
      }
      written(usage, tokens, "cacheWriteInputTokens", fiveMinutes, hour);
      usage.expectTotal("totalTokens", sum(tokens));
      return tokens;
    }
  },
  /**
   * LiteLLM's, of whatever provider, in the shape of chat completions: the prompt includes what was
   * read from and written to the cache.
   */
  LITELLM("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      return usage.has("prompt_tokens") || usage.has("completion_tokens")
          ? openAi(usage, "prompt_tokens", "completion_tokens")
          : openAi(usage, "input_tokens", "output_tokens");
    }

    @Override
    long webSearches(Counts usage) throws UnusableReportException {
      return usage.in("server_tool_use").has("web_search_requests")
          ? usage.in("server_tool_use").of("web_search_requests")
          : usage.in("prompt_tokens_details").of("web_search_requests");
    }
  };

  private final List<String> names;

  /**
   * @param names one of which a usage object must have
   */
  TokenMapping(String... names) {
    this.names = List.of(names);
  }

  /** Names of which a usage object has at least one. */
  List<String> names() {
    return names;
  }

  /**
   * The buckets.
   *
   * @throws UnusableReportException naming what is not a count
   */
  abstract TokenCounts tokens(Counts usage) throws UnusableReportException;

  /**
   * How often the provider searched the web for the call.
   *
   * @throws UnusableReportException naming what is not a count
   */
  long webSearches(Counts usage) throws UnusableReportException {
    return 0;
  }

  /** Sum of all buckets. */
  static long sum(TokenCounts tokens) {
    return tokens.getInput()
        + tokens.getCacheRead()
        + tokens.getCacheWrite5m()
        + tokens.getCacheWrite1h()
        + tokens.getOutput()
        + tokens.getReasoning()
        + tokens.getInputAudio()
        + tokens.getOutputAudio()
        + tokens.getInputImage()
        + tokens.getOutputImage();
  }

  private static TokenCounts openAi(Counts usage, String promptName, String completionName)
      throws UnusableReportException {
    TokenCounts tokens = new TokenCounts();
    Counts.Pool prompt = usage.pool(promptName, usage.of(promptName));
    Counts in = usage.in(promptName + "_details");
    tokens.setCacheRead(
        prompt.take(
            "cached_tokens",
            in.has("cached_tokens")
                ? in.of("cached_tokens")
                : usage.of("cache_read_input_tokens")));
    long written =
        in.has("cache_write_tokens") || in.has("cache_creation_tokens")
            ? in.firstOf("cache_write_tokens", "cache_creation_tokens")
            : usage.of("cache_creation_input_tokens");
    Counts.Pool writes =
        usage.pool("cache_write_tokens", prompt.take("cache_write_tokens", written));
    tokens.setCacheWrite1h(
        writes.take(
            "ephemeral_1h_input_tokens",
            in.in("cache_creation_token_details").of("ephemeral_1h_input_tokens")));
    tokens.setCacheWrite5m(writes.left());
    // What of a kind was cached stands in both counts; it must be taken out of the prompt once.
    Counts cached = in.in("cached_tokens_details");
    tokens.setInputAudio(
        prompt.take("audio_tokens", beyond(in.of("audio_tokens"), cached.of("audio_tokens"))));
    tokens.setInputImage(
        prompt.take("image_tokens", beyond(in.of("image_tokens"), cached.of("image_tokens"))));
    tokens.setInput(prompt.left());

    long completed = usage.of(completionName);
    Counts out = usage.in(completionName + "_details");
    long reasoning = out.of("reasoning_tokens");
    Counts.Pool completion = usage.pool(completionName, completed);
    boolean beside =
        reasoning > 0
            && usage.has("total_tokens")
            && usage.of("total_tokens") == usage.of(promptName) + completed + reasoning;
    // Some servers count reasoning beside the completion: their own total shows it.
    tokens.setReasoning(beside ? reasoning : completion.take("reasoning_tokens", reasoning));
    tokens.setOutputAudio(completion.take("audio_tokens", out.of("audio_tokens")));
    tokens.setOutputImage(completion.take("image_tokens", out.of("image_tokens")));
    tokens.setOutput(completion.left());
    usage.expectTotal("total_tokens", sum(tokens));
    return tokens;
  }

  private static TokenCounts gemini(Counts usage) throws UnusableReportException {
    TokenCounts tokens = new TokenCounts();
    long promptCount = usage.of("promptTokenCount");
    long toolPrompt = usage.of("toolUsePromptTokenCount");
    Counts.Pool prompt = usage.pool("promptTokenCount", promptCount);
    List<Counts> promptDetails = usage.list("promptTokensDetails");
    Counts.Pool audio =
        usage.pool("AUDIO", prompt.take("promptTokensDetails AUDIO", of(promptDetails, "AUDIO")));
    Counts.Pool image =
        usage.pool("IMAGE", prompt.take("promptTokensDetails IMAGE", of(promptDetails, "IMAGE")));
    // First what is known to have been cached of a kind, then, of the rest, text before the others.
    List<Counts> cachedDetails = usage.list("cacheTokensDetails");
    long cachedCount = usage.of("cachedContentTokenCount");
    Counts.Pool cached = usage.pool("cachedContentTokenCount", Math.min(cachedCount, promptCount));
    if (cachedCount > promptCount) {
      usage.warn(
          "cachedContentTokenCount "
              + cachedCount
              + " exceeds promptTokenCount "
              + promptCount
              + ", taken as "
              + promptCount);
    }
    audio.takeUpTo(cached.takeUpTo(Math.min(audio.left(), of(cachedDetails, "AUDIO"))));
    image.takeUpTo(cached.takeUpTo(Math.min(image.left(), of(cachedDetails, "IMAGE"))));
    cached.takeUpTo(prompt.takeUpTo(cached.left()));
    cached.takeUpTo(image.takeUpTo(cached.left()));
    cached.takeUpTo(audio.takeUpTo(cached.left()));
    tokens.setCacheRead(Math.min(cachedCount, promptCount));

    Counts.Pool tool = usage.pool("toolUsePromptTokenCount", toolPrompt);
    List<Counts> toolDetails = usage.list("toolUsePromptTokensDetails");
    tokens.setInputAudio(
        usage.bounded(
            "AUDIO",
            audio.left()
                + tool.take("toolUsePromptTokensDetails AUDIO", of(toolDetails, "AUDIO"))));
    tokens.setInputImage(
        usage.bounded(
            "IMAGE",
            image.left()
                + tool.take("toolUsePromptTokensDetails IMAGE", of(toolDetails, "IMAGE"))));
    tokens.setInput(usage.bounded("promptTokenCount", prompt.left() + tool.left()));

    boolean live = !usage.has("candidatesTokenCount") && usage.has("responseTokenCount");
    String name = live ? "responseTokenCount" : "candidatesTokenCount";
    Counts.Pool candidates = usage.pool(name, usage.of(name));
    String detailsName = live ? "responseTokensDetails" : "candidatesTokensDetails";
    List<Counts> details = usage.list(detailsName);
    tokens.setOutputAudio(candidates.take(detailsName + " AUDIO", of(details, "AUDIO")));
    tokens.setOutputImage(candidates.take(detailsName + " IMAGE", of(details, "IMAGE")));
    tokens.setOutput(candidates.left());
    tokens.setReasoning(usage.of("thoughtsTokenCount"));
    usage.expectTotal("totalTokenCount", sum(tokens));
    return tokens;
  }

  /** The count of a modality. */
  private static long of(List<Counts> details, String modality) throws UnusableReportException {
    long count = 0;
    for (Counts detail : details) {
      if (detail.text("modality").toUpperCase(Locale.ROOT).equals(modality)) {
        count = detail.bounded(modality, count + detail.of("tokenCount"));
      }
    }
    return count;
  }

  /** Cache writes by lifetime; what is of none is of five minutes. */
  private static void written(
      Counts usage, TokenCounts tokens, String totalName, long fiveMinutes, long hour)
      throws UnusableReportException {
    long total =
        usage.has(totalName) ? usage.of(totalName) : usage.bounded(totalName, fiveMinutes + hour);
    Counts.Pool writes = usage.pool(totalName, total);
    tokens.setCacheWrite1h(writes.take("1-hour cache writes", hour));
    long rest = writes.left();
    writes.take("5-minute cache writes", fiveMinutes);
    tokens.setCacheWrite5m(rest);
  }

  private static long beyond(long count, long cached) {
    return Math.max(0, count - cached);
  }
}
