package io.outlay.client;

import java.io.IOException;
import java.util.Arrays;

/**
 * An event that counts tokens, in disjoint buckets: their sum is the total, nothing is inside
 * anything else. Each bucket holds 0 to 10<sup>12</sup>.
 *
 * @param <B> the builder itself, for chaining
 */
public abstract class TokenEvent<B extends TokenEvent<B>> extends EventBuilder<B> {
  private static final String[] NAMES = {
    "input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output",
    "reasoning", "inputAudio", "outputAudio", "inputImage", "outputImage"
  };
  private static final long ABSENT = Long.MIN_VALUE;

  private final long[] counts = new long[NAMES.length];

  TokenEvent(String type) {
    super(type);
    Arrays.fill(counts, ABSENT);
  }

  /** Input tokens that were neither read from nor written to a cache. */
  public B inputTokens(long count) {
    return bucket(0, count);
  }

  /** Input tokens that the provider's prompt cache had. */
  public B cacheReadTokens(long count) {
    return bucket(1, count);
  }

  /** Input tokens written to the prompt cache for five minutes. */
  public B cacheWrite5mTokens(long count) {
    return bucket(2, count);
  }

  /** Input tokens written to the prompt cache for an hour. */
  public B cacheWrite1hTokens(long count) {
    return bucket(3, count);
  }

  /** Output tokens without reasoning. */
  public B outputTokens(long count) {
    return bucket(4, count);
  }

  /** Output tokens spent on reasoning. */
  public B reasoningTokens(long count) {
    return bucket(5, count);
  }

  public B inputAudioTokens(long count) {
    return bucket(6, count);
  }

  public B outputAudioTokens(long count) {
    return bucket(7, count);
  }

  public B inputImageTokens(long count) {
    return bucket(8, count);
  }

  public B outputImageTokens(long count) {
    return bucket(9, count);
  }

  private B bucket(int index, long count) {
    // Long.MIN_VALUE marks absence; it is refused like its neighbour.
    counts[index] = count == ABSENT ? ABSENT + 1 : count;
    return self();
  }

  final boolean hasTokens() {
    for (long count : counts) {
      if (count != ABSENT) {
        return true;
      }
    }
    return false;
  }

  final void writeTokens(EventWriter out) throws IOException {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != ABSENT) {
        out.bucket(NAMES[i], counts[i]);
      }
    }
    out.closeTokens();
  }
}
