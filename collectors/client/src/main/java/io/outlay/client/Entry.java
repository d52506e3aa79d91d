package io.outlay.client;

import org.jspecify.annotations.Nullable;

/** An event on its way. */
final class Entry {
  /** Rough cost of the objects around the bytes. */
  private static final int OVERHEAD = 200;

  private final String id;
  private final byte[] json;
  private final @Nullable SpoolRange origin;
  private final long sequence;
  private final long sinceNanos;

  /**
   * @param id of the event
   * @param json of the event
   * @param origin the part of the spool that holds it; null if it is only in memory
   * @param sequence order of publication, for what is only in memory; else 0
   * @param sinceNanos when it was published or read back, on the client's ticker
   */
  Entry(String id, byte[] json, @Nullable SpoolRange origin, long sequence, long sinceNanos) {
    this.id = id;
    this.json = json;
    this.origin = origin;
    this.sequence = sequence;
    this.sinceNanos = sinceNanos;
  }

  String id() {
    return id;
  }

  byte[] json() {
    return json;
  }

  @Nullable SpoolRange origin() {
    return origin;
  }

  long sequence() {
    return sequence;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  /** Bytes of memory, about. */
  long weight() {
    return (long) json.length + OVERHEAD;
  }
}
