package io.outlay.collectors.format;

import java.io.IOException;
import java.io.InputStream;

/** A way to write events into a request body. */
public interface EventFormat {
  /** Short name for metrics, such as {@code json}. */
  String name();

  /**
   * Whether each event stands for itself, whatever becomes of the rest of its body. What has been
   * read is then written while the rest is still coming, so that a body may have any size.
   */
  default boolean isStreamed() {
    return false;
  }

  /**
   * Reads a body to its end and hands over its events one by one.
   *
   * @throws UnreadableBodyException if the body is not of this format; events may have been handed
   *     over before the place where it breaks
   * @throws IOException whatever {@code body} throws
   * @throws TooManyEventsException whatever {@code sink} throws
   */
  void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException;
}
