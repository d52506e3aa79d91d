package io.outlay.client;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes ids in the layout of UUID version 7: milliseconds since 1970, then a counter, then 62 bits
 * that are random per generator. Ids of one generator never repeat and always grow, also where the
 * clock steps back or stands still: the counter then runs on into the milliseconds.
 */
final class Ids {
  static final Ids SHARED = new Ids(InstantSource.system());

  private static final int COUNTER_BITS = 12;

  private final InstantSource clock;
  private final long node;

  /** Milliseconds above, counter below. */
  private final AtomicLong last = new AtomicLong();

  Ids(InstantSource clock) {
    this.clock = clock;
    this.node = (new SecureRandom().nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
  }

  String next() {
    long now = clock.millis() << COUNTER_BITS;
    long ticket = last.updateAndGet(previous -> Math.max(previous + 1, now));
    long high = (ticket >>> COUNTER_BITS << 16) | 0x7000 | (ticket & 0xfff);
    return new UUID(high, node).toString();
  }
}
