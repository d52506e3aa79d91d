package io.outlay.collectors.ingest;

import java.io.IOException;

/** A body is not packed as its {@code Content-Encoding} says, or breaks off. */
class BodyException extends IOException {
  private static final long serialVersionUID = 1L;

  BodyException(String message, IOException cause) {
    super(message, cause);
  }
}
