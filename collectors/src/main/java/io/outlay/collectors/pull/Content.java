package io.outlay.collectors.pull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a source gave: bytes, what they are said to be, and when they were last changed. */
final class Content {
  private final byte[] body;
  private final String type;
  private final @Nullable Instant modified;

  /**
   * @param body not to be changed afterwards
   * @param type media type, empty if unknown
   * @param modified null if unknown
   */
  Content(byte[] body, String type, @Nullable Instant modified) {
    this.body = body;
    this.type = type;
    this.modified = modified;
  }

  byte[] body() {
    return body;
  }

  String type() {
    return type;
  }

  @Nullable Instant modified() {
    return modified;
  }
}
