package io.outlay.collectors.otlp;

import io.outlay.schema.TokenCounts;
import org.jspecify.annotations.Nullable;

/**
 * Makes disjoint buckets of what conventions report: totals, and parts of them.
 *
 * <p>As the conventions have it, input contains cache reads, cache writes and audio, and output
 * contains reasoning and audio. Some instrumentations pass on a provider's own figures that do not.
 * Which of both holds is settled so:
 *
 * <ol>
 *   <li>A reported total that equals input + output says that the parts are contained; one that
 *       equals the sum with the parts added says that they are not.
 *   <li>Without such a total the parts are contained, unless they are larger than the whole and the
 *       provider is one whose own figures exclude them: cache at Anthropic and AWS, reasoning at
 *       Google. Then they are added, with a warning.
 *   <li>Parts that are larger than the whole without such a reason are cut to it, with a warning:
 *       the total stays. Cache reads go first, then cache writes, then audio and images; reasoning
 *       goes before audio and images.
 * </ol>
 */
final class Tokens {
  private @Nullable Long input;
  private @Nullable Long output;
  private @Nullable Long total;
  private long cacheRead;
  private long cacheWrite;
  private long reasoning;
  private long inputAudio;
  private long outputAudio;
  private long inputImage;
  private long outputImage;

  private Tokens() {}

  /**
   * Reads what attributes say.
   *
   * @throws Refused if one of them is no number of tokens
   */
  static Tokens of(Attributes attributes) throws Refused {
    Tokens tokens = new Tokens();
    tokens.input = attributes.tokens(Keys.INPUT);
    tokens.output = attributes.tokens(Keys.OUTPUT);
    tokens.total = attributes.tokens(Keys.TOTAL);
    tokens.cacheRead = orZero(attributes.tokens(Keys.CACHE_READ));
    tokens.cacheWrite = orZero(attributes.tokens(Keys.CACHE_WRITE));
    tokens.reasoning = orZero(attributes.tokens(Keys.REASONING));
    tokens.inputAudio = orZero(attributes.tokens(Keys.INPUT_AUDIO));
    tokens.outputAudio = orZero(attributes.tokens(Keys.OUTPUT_AUDIO));
    return tokens;
  }

  /** Totals that come with their parts, as metrics have them. */
  static Tokens of(
      @Nullable Long input,
      @Nullable Long output,
      long cacheRead,
      long cacheWrite,
      long reasoning) {
    Tokens tokens = new Tokens();
    tokens.input = input;
    tokens.output = output;
    tokens.cacheRead = cacheRead;
    tokens.cacheWrite = cacheWrite;
    tokens.reasoning = reasoning;
    return tokens;
  }

  /** Adds parts of other kinds than text. */
  Tokens with(long audioIn, long audioOut, long imageIn, long imageOut) {
    inputAudio = audioIn;
    outputAudio = audioOut;
    inputImage = imageIn;
    outputImage = imageOut;
    return this;
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  /** The buckets. What does not fit together is told to {@code warnings}. */
  TokenCounts buckets(String provider, String model, Warnings warnings) {
    fillFromTotal(warnings);
    long in = orZero(input);
    long out = orZero(output);
    long cache = cacheRead + cacheWrite;
    boolean cacheInside = true;
    boolean reasoningInside = true;
    boolean settled = false;
    if (input != null && output != null && total != null) {
      settled = true;
      if (total == in + out) {
        // The parts are contained.
      } else if (total == in + cache + out) {
        cacheInside = false;
      } else if (total == in + out + reasoning) {
        reasoningInside = false;
      } else if (total == in + cache + out + reasoning) {
        cacheInside = false;
        reasoningInside = false;
      } else {
        settled = false;
        warnings.add(
            "a total of " + total + " was reported; input and output add up to " + (in + out));
      }
    }
    if (!settled && cache > in && input != null && Providers.excludesCache(provider, model)) {
      cacheInside = false;
      warnings.add(
          "cache of " + cache + " is more than input of " + in + "; taken as beside the input");
    }
    if (!settled
        && reasoning > out
        && output != null
        && Providers.excludesReasoning(provider, model)) {
      reasoningInside = false;
      warnings.add(
          "reasoning of "
              + reasoning
              + " is more than output of "
              + out
              + "; taken as beside the output");
    }
    // Where only parts are known they are the whole.
    long inputWhole =
        input == null ? cache + inputAudio + inputImage : cacheInside ? in : in + cache;
    long outputWhole =
        output == null
            ? reasoning + outputAudio + outputImage
            : reasoningInside ? out : out + reasoning;

    Whole prompt = new Whole(inputWhole, "input", warnings);
    TokenCounts counts = new TokenCounts();
    counts.setCacheRead(prompt.take("cacheRead", cacheRead));
    counts.setCacheWrite5m(prompt.take("cacheWrite", cacheWrite));
    counts.setCacheWrite1h(0L);
    counts.setInputAudio(prompt.take("inputAudio", inputAudio));
    counts.setInputImage(prompt.take("inputImage", inputImage));
    counts.setInput(prompt.rest);
    Whole answer = new Whole(outputWhole, "output", warnings);
    counts.setReasoning(answer.take("reasoning", reasoning));
    counts.setOutputAudio(answer.take("outputAudio", outputAudio));
    counts.setOutputImage(answer.take("outputImage", outputImage));
    counts.setOutput(answer.rest);
    return counts;
  }

  /** Some report a total and one side of it, or only the total. */
  private void fillFromTotal(Warnings warnings) {
    Long all = total;
    if (all == null || (input != null && output != null)) {
      return;
    }
    if (output != null && all >= output) {
      input = all - output;
    } else if (input != null && all >= input) {
      output = all - input;
    } else if (input == null && output == null) {
      input = all;
      if (all > 0) {
        warnings.add("only a total of " + all + " was reported; taken as input");
      }
    }
  }

  /** A total that parts are taken out of. */
  private static final class Whole {
    private final long size;
    private final String name;
    private final Warnings warnings;
    private long rest;

    Whole(long size, String name, Warnings warnings) {
      this.size = size;
      this.name = name;
      this.warnings = warnings;
      this.rest = size;
    }

    long take(String part, long amount) {
      long taken = Math.min(amount, rest);
      if (taken < amount) {
        warnings.add(
            part
                + " of "
                + amount
                + " does not fit into "
                + name
                + " of "
                + size
                + "; taken as "
                + taken);
      }
      rest -= taken;
      return taken;
    }
  }
}
