package io.outlay.bench;

/** A benchmark that could not be run, or that measured something which gives wrong answers. */
public final class BenchmarkFailedException extends RuntimeException {
  /** Says why. */
  public BenchmarkFailedException(String message) {
    super(message);
  }

  /** Says why, and what else went wrong. */
  public BenchmarkFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
