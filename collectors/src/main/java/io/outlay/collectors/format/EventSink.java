package io.outlay.collectors.format;

import io.outlay.schema.UsageEvent;

/** Takes what a format reads, in the order of the request. */
public interface EventSink {
  /**
   * Takes an event that keeps all bounds. It must not be changed afterwards.
   *
   * @throws TooManyEventsException if the request has more events than are allowed
   */
  void accept(UsageEvent event);

  /**
   * Takes note of an event that does not.
   *
   * @throws TooManyEventsException if the request has more events than are allowed
   */
  void reject(Rejection rejection);

  /** Takes note of something that is in order but no usage, such as a span without tokens. */
  void ignore();
}
