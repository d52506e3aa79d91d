package io.outlay.detector.rule;

/** How urgent it is, least first. */
public enum Severity {
  /** To be seen when somebody looks. */
  INFO,
  /** To be looked into today. */
  WARNING,
  /** To be looked into now. */
  CRITICAL
}
