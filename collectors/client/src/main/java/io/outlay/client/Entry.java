package io.outlay.client;

import org.jspecify.annotations.Nullable;

/**
 * An event on its way.
 *
 * @param id of the event
 * @param json of the event
 * @param origin the part of the spool that holds it; null if it is only in memory
 * @param sequence order of publication, for what is only in memory; else 0
 * @param sinceNanos when it was published, on the client's ticker
 */
record Entry(String id, byte[] json, @Nullable SpoolRange origin, long sequence, long sinceNanos) {
  /** Rough cost of the objects around the bytes. */
  private static final int OVERHEAD = 200;

  long weight() {
    return (long) json.length + OVERHEAD;
  }
}
