package io.outlay.collectors.ingest;

import java.io.IOException;

/** A request body is larger than is allowed. */
final class BodyTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  BodyTooLargeException(String message) {
    super(message);
  }
}
