package io.outlay.detector.rule;

import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import java.time.Instant;

/** A rule at work on one window. Remembers what is the same for every scope. For one thread. */
public interface Judge {
  /** What is judged. */
  Window window();

  /** How far the window has gone, in event time. */
  Instant asOf();

  /** Judges a scope. */
  Verdict judge(ScopeSpend scope);

  /** Where it comes from that a scope is as a comparison of this judge says. */
  Explanation explain(ScopeSpend scope, Comparison comparison);
}
