package io.outlay.collectors.ingest;

import java.io.IOException;

/** A request body has more bytes than are allowed. */
final class BodyTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  BodyTooLargeException(int max) {
    super("the body must have at most " + max + " bytes; send the rest in another request");
  }
}
