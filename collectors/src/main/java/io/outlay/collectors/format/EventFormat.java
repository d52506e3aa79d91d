package io.outlay.collectors.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/**
 * A format of request bodies. Implementations hold no state of a request and serve many at once.
 */
public interface EventFormat {
  /** Short name for metrics, such as {@code json}. */
  String name();

  /** Media types that announce it, in lower case, without parameters. */
  Set<String> mediaTypes();

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
