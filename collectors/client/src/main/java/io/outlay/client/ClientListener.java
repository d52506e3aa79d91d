package io.outlay.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of events. Called on a thread of its own, one call after the other, so that a
 * slow listener delays neither publishing nor sending; where 4,096 calls wait, further ones are
 * left out and logged as a number. What a listener throws is logged.
 */
public interface ClientListener {
  /** The collector has acknowledged that many more. */
  default void delivered(int events) {}

  /** An event will never be counted as it is. */
  default void rejected(Rejection rejection) {}

  /** An event is lost. */
  default void dropped(@Nullable String id, String reason) {}

  /** Events moved from memory to disk; from now on they survive the death of the process. */
  default void spooled(List<String> ids) {}

  /** The collector is away or overloaded; the next attempt follows after the delay. */
  default void retrying(String reason, Duration delay) {}

  /**
   * The collector refuses this client whatever it sends, as with a wrong key (401, 403) or a wrong
   * address (404). Events are kept; the next attempt follows after the delay.
   */
  default void refused(int status, String detail, Duration delay) {}
}
