package io.outlay.detector.delivery;

import java.time.Duration;

/** How an attempt ended. */
public sealed interface Outcome {
  /** Status of the answer; 0 if there was none. */
  int status();

  /** For people; empty if all is well. */
  String reason();

  /** The receiver has it. */
  record Accepted(int status) implements Outcome {
    @Override
    public String reason() {
      return "";
    }
  }

  /**
   * It did not arrive or was refused; a later attempt may succeed.
   *
   * @param notBefore how long the receiver asks to be left alone; zero if it does not say
   */
  record Failed(int status, String reason, Duration notBefore) implements Outcome {
    /** Without an answer. */
    Failed(String reason) {
      this(0, reason, Duration.ZERO);
    }
  }

  /** The receiver will never take this message. */
  record Refused(int status, String reason) implements Outcome {}

  /** The receiver wants no messages any more. */
  record Gone() implements Outcome {
    @Override
    public int status() {
      return 410;
    }

    @Override
    public String reason() {
      return "answered 410 Gone";
    }
  }
}
