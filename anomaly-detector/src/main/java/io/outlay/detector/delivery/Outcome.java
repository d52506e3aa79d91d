package io.outlay.detector.delivery;

import java.time.Duration;

/** How an attempt ended. */
public sealed interface Outcome {
  /** The receiver has it. */
  record Accepted() implements Outcome {}

  /**
   * It did not arrive or was refused; a later attempt may succeed.
   *
   * @param reason for people
   * @param notBefore how long the receiver asks to be left alone; zero if it does not say
   */
  record Failed(String reason, Duration notBefore) implements Outcome {}

  /** The receiver wants no messages any more. */
  record Gone() implements Outcome {}
}
