package io.outlay.collectors.ingest;

import java.io.IOException;

/** Too much is in flight to read on. */
final class OverloadedException extends IOException {
  private static final long serialVersionUID = 1L;

  OverloadedException() {
    super("too many bytes are in flight");
  }
}
