package io.outlay.sink.audit;

import java.util.Locale;

/** What came of comparing two sides. */
public enum Verdict {
  /** They are equal. */
  BALANCED,
  /**
   * One side moved on while the other was read, which lies between what the first was before and
   * after.
   */
  BETWEEN,
  /** They differ and kept changing, or what is on its way did not arrive in time. */
  UNSETTLED,
  /** They differ though all that was on its way has arrived. */
  DIFFERS;

  /** The worse of two. */
  public Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** As it is shown. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
