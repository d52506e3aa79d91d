package io.outlay.usage;

import io.outlay.schema.TokenCounts;

/** Sums over the token buckets of one side: they are disjoint, so that each sum is a total. */
public final class TokenTotals {
  private TokenTotals() {}

  /** Tokens of all input buckets, those of caches included. */
  public static long input(TokenCounts tokens) {
    return tokens.getInput()
        + tokens.getCacheRead()
        + tokens.getCacheWrite5m()
        + tokens.getCacheWrite1h()
        + tokens.getInputAudio()
        + tokens.getInputImage();
  }

  /** Tokens of all output buckets, reasoning included. */
  public static long output(TokenCounts tokens) {
    return tokens.getOutput()
        + tokens.getReasoning()
        + tokens.getOutputAudio()
        + tokens.getOutputImage();
  }
}
