package io.outlay.collectors.provider;

import io.outlay.schema.TokenCounts;
import io.outlay.usage.TokenTotals;
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
      return openAi(usage, "prompt_tokens", "completion_tokens", true);
    }
  },
  /** OpenAI's responses. */
  OPENAI_RESPONSES("input_tokens", "output_tokens", "total_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      return openAi(usage, "input_tokens", "output_tokens", true);
    }
  },
  /** OpenAI's embeddings, which have no output: some servers state the total alone. */
  OPENAI_EMBEDDINGS("prompt_tokens", "total_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      if (!usage.has("prompt_tokens")) {
        TokenCounts tokens = new TokenCounts();
        tokens.setInput(usage.of("total_tokens"));
        return tokens;
      }
      return openAi(usage, "prompt_tokens", "completion_tokens", false);
    }
  },
  /** Anthropic's messages: input excludes what was read from and written to the cache. */
  ANTHROPIC(
      "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens") {
    @Override
    TokenCounts tokens(Counts usage) throws UnusableReportException {
      TokenCounts stated = anthropic(usage);
      List<Counts> iterations = usage.list("iterations");
      if (iterations.isEmpty()) {
        return stated;
      }
      TokenCounts all = new TokenCounts();
      for (Counts iteration : iterations) {
        add(usage, all, anthropic(iteration));
      }
      if (sum(all) <= sum(stated)) {
        return stated;
      }
      usage.warn(
          "iterations add up to "
              + sum(all)
              + " tokens, more than the "
              + sum(stated)
              + " stated beside them; the iterations were taken");
      // Iterations may leave out what only the whole tells: how long was written for, what was
      // thought.
      long hour = beyond(stated.getCacheWrite1h(), all.getCacheWrite1h());
      long moved = Math.min(hour, all.getCacheWrite5m());
      all.setCacheWrite1h(all.getCacheWrite1h() + moved);
      all.setCacheWrite5m(all.getCacheWrite5m() - moved);
      long thought = Math.min(beyond(stated.getReasoning(), all.getReasoning()), all.getOutput());
      all.setReasoning(all.getReasoning() + thought);
      all.setOutput(all.getOutput() - thought);
      return all;
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
      Sides sides = Sides.of(usage, "inputTokens", "outputTokens", "totalTokens", sum(tokens));
      tokens.setInput(sides.input());
      tokens.setOutput(sides.output());
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
      if (usage.has("prompt_tokens") || usage.has("completion_tokens")) {
        return openAi(usage, "prompt_tokens", "completion_tokens", true);
      }
      // What LiteLLM passes through from Anthropic keeps its shape.
      boolean cacheInside =
          usage.has("input_tokens_details")
              || usage.has("total_tokens")
                  && usage.of("total_tokens")
                      == usage.of("input_tokens") + usage.of("output_tokens");
      return !cacheInside && ANTHROPIC_CACHE.stream().anyMatch(usage::has)
          ? ANTHROPIC.tokens(usage)
          : openAi(usage, "input_tokens", "output_tokens", true);
    }

    @Override
    long webSearches(Counts usage) throws UnusableReportException {
      return usage.in("server_tool_use").has("web_search_requests")
          ? usage.in("server_tool_use").of("web_search_requests")
          : usage.in("prompt_tokens_details").of("web_search_requests");
    }
  };

  private static final List<String> ANTHROPIC_CACHE =
      List.of("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation");

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
    return TokenTotals.input(tokens) + TokenTotals.output(tokens);
  }

  private static TokenCounts anthropic(Counts usage) throws UnusableReportException {
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

  /** Adds the buckets that Anthropic fills. */
  private static void add(Counts usage, TokenCounts all, TokenCounts one) {
    all.setInput(usage.bounded("iterations input", all.getInput() + one.getInput()));
    all.setCacheRead(
        usage.bounded("iterations cache read", all.getCacheRead() + one.getCacheRead()));
    all.setCacheWrite5m(
        usage.bounded("iterations cache write", all.getCacheWrite5m() + one.getCacheWrite5m()));
    all.setCacheWrite1h(
        usage.bounded("iterations cache write", all.getCacheWrite1h() + one.getCacheWrite1h()));
    all.setOutput(usage.bounded("iterations output", all.getOutput() + one.getOutput()));
    all.setReasoning(usage.bounded("iterations thinking", all.getReasoning() + one.getReasoning()));
  }

  /**
   * @param hasOutput whether calls have an output, which the total tells where it is not stated
   */
  private static TokenCounts openAi(
      Counts usage, String promptName, String completionName, boolean hasOutput)
      throws UnusableReportException {
    long prompted = usage.of(promptName);
    long completed = usage.of(completionName);
    Counts in = usage.in(promptName + "_details");
    Counts out = usage.in(completionName + "_details");
    long read =
        in.has("cached_tokens") ? in.of("cached_tokens") : usage.of("cache_read_input_tokens");
    long written =
        in.has("cache_write_tokens") || in.has("cache_creation_tokens")
            ? in.firstOf("cache_write_tokens", "cache_creation_tokens")
            : usage.of("cache_creation_input_tokens");
    long reasoning = out.of("reasoning_tokens");
    Beside beside =
        usage.has(promptName) && usage.has(completionName)
            ? Beside.of(usage, prompted, completed, read + written, reasoning)
            : Beside.NOTHING;
    Sides sides =
        hasOutput
            ? Sides.of(usage, promptName, completionName, "total_tokens", 0)
            : new Sides(prompted, completed);

    TokenCounts tokens = new TokenCounts();
    Counts.Pool prompt = usage.pool(promptName, sides.input());
    Counts cached = in.in("cached_tokens_details");
    boolean cacheBeside = beside.cache() > 0;
    if (cacheBeside) {
      usage.warn(
          "cache of "
              + beside.cache()
              + " was taken as beside "
              + promptName
              + " "
              + sides.input()
              + ": total_tokens "
              + usage.of("total_tokens")
              + " counts both");
    }
    tokens.setCacheRead(cacheBeside ? read : prompt.take("cached_tokens", read));
    Counts.Pool writes =
        usage.pool(
            "cache_write_tokens",
            cacheBeside ? written : prompt.take("cache_write_tokens", written));
    tokens.setCacheWrite1h(
        writes.take(
            "ephemeral_1h_input_tokens",
            in.in("cache_creation_token_details").of("ephemeral_1h_input_tokens")));
    tokens.setCacheWrite5m(writes.left());
    // What of a kind was cached stands in both counts; it must be taken out of the prompt once.
    tokens.setInputAudio(
        prompt.take("audio_tokens", beyond(in.of("audio_tokens"), cached.of("audio_tokens"))));
    tokens.setInputImage(
        prompt.take("image_tokens", beyond(in.of("image_tokens"), cached.of("image_tokens"))));
    tokens.setInput(prompt.left());

    Counts.Pool completion = usage.pool(completionName, sides.output());
    tokens.setReasoning(
        beside.reasoning() > 0 ? reasoning : completion.take("reasoning_tokens", reasoning));
    tokens.setOutputAudio(completion.take("audio_tokens", out.of("audio_tokens")));
    tokens.setOutputImage(completion.take("image_tokens", out.of("image_tokens")));
    tokens.setOutput(completion.left());
    usage.expectTotal("total_tokens", sum(tokens));
    return tokens;
  }

  private static TokenCounts gemini(Counts usage) throws UnusableReportException {
    TokenCounts tokens = new TokenCounts();
    boolean live = !usage.has("candidatesTokenCount") && usage.has("responseTokenCount");
    String name = live ? "responseTokenCount" : "candidatesTokenCount";
    long toolPrompt = usage.of("toolUsePromptTokenCount");
    long thoughts = usage.of("thoughtsTokenCount");
    Sides sides =
        Sides.of(usage, "promptTokenCount", name, "totalTokenCount", toolPrompt + thoughts);
    long promptCount = sides.input();
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

    Counts.Pool candidates = usage.pool(name, sides.output());
    String detailsName = live ? "responseTokensDetails" : "candidatesTokensDetails";
    List<Counts> details = usage.list(detailsName);
    tokens.setOutputAudio(candidates.take(detailsName + " AUDIO", of(details, "AUDIO")));
    tokens.setOutputImage(candidates.take(detailsName + " IMAGE", of(details, "IMAGE")));
    tokens.setOutput(candidates.left());
    tokens.setReasoning(thoughts);
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

  /**
   * What is counted beside prompt and completion instead of inside of them, as some servers do:
   * their own total shows it.
   *
   * @param cache tokens beside the prompt, 0 if they are inside
   * @param reasoning tokens beside the completion, 0 if they are inside
   */
  private record Beside(long cache, long reasoning) {
    private static final Beside NOTHING = new Beside(0, 0);

    static Beside of(Counts usage, long prompt, long completion, long cache, long reasoning)
        throws UnusableReportException {
      long more = usage.of("total_tokens") - prompt - completion;
      if (!usage.has("total_tokens") || more <= 0) {
        return NOTHING;
      }
      // Where both explain the total, what does not fit inside decides.
      boolean cacheFits = cache <= prompt;
      if (more == reasoning && (more != cache || cacheFits || reasoning > completion)) {
        return new Beside(0, reasoning);
      }
      if (more == cache) {
        return new Beside(cache, 0);
      }
      return more == cache + reasoning ? new Beside(cache, reasoning) : NOTHING;
    }
  }

  /** Both sides of a call, each as it is stated, or else as the total tells it. */
  private record Sides(long input, long output) {
    /**
     * @param others what else the total counts
     */
    static Sides of(
        Counts usage, String inputName, String outputName, String totalName, long others)
        throws UnusableReportException {
      long input = usage.of(inputName);
      long output = usage.of(outputName);
      long rest = usage.of(totalName) - input - output - others;
      if (rest <= 0 || usage.has(inputName) && usage.has(outputName)) {
        return new Sides(input, output);
      }
      if (usage.has(inputName)) {
        usage.warn(outputName + " is absent, taken as the " + rest + " left of " + totalName);
        return new Sides(input, rest);
      }
      usage.warn(
          usage.has(outputName)
              ? inputName + " is absent, taken as the " + rest + " left of " + totalName
              : inputName
                  + " and "
                  + outputName
                  + " are absent, "
                  + rest
                  + " of "
                  + totalName
                  + " taken as input");
      return new Sides(rest, output);
    }
  }
}
