package io.outlay.detector.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * How one receiver wants to be spoken to. From the same message it makes the same body each time;
 * only what proves the sender may change. Safe for concurrent use.
 */
public interface Format {
  /** Largest body in bytes; Standard Webhooks ask for less than 20 kB. */
  int MAX_BODY = 20_000;

  /**
   * A request as it is posted.
   *
   * @param headers beside {@code Content-Type}
   */
  record Request(String contentType, String body, Map<String, String> headers) {}

  /**
   * What the receiver answered.
   *
   * @param retryAfter how long it asks to be left alone; zero if it does not say
   * @param text beginning of the body
   */
  record Answer(int status, Duration retryAfter, String text) {
    /** For people: the status, and what the receiver says to it. */
    String reason() {
      return "answered " + status + (text.isBlank() ? "" : ": " + text);
    }
  }

  /**
   * What is sent.
   *
   * @param now time of the attempt
   * @throws IllegalArgumentException if the message is none that this format can tell; another
   *     attempt would not help
   */
  Request request(Message message, Instant now);

  /** What an answer means. */
  default Outcome judge(Answer answer) {
    int status = answer.status();
    if (status >= 200 && status < 300) {
      return new Outcome.Accepted(status);
    }
    if (status == 410) {
      return new Outcome.Gone();
    }
    // Refused for good, unless it is about the time.
    if (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429) {
      return new Outcome.Refused(status, answer.reason());
    }
    return new Outcome.Failed(status, answer.reason(), answer.retryAfter());
  }
}
