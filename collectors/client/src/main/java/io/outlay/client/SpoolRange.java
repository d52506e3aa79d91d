package io.outlay.client;

/** A part of a segment that was read as one batch, until each of its events is settled. */
final class SpoolRange {
  private final Segment segment;
  private final long start;
  private final long end;
  private final int events;
  private int pending;

  SpoolRange(Segment segment, long start, long end, int events) {
    this.segment = segment;
    this.start = start;
    this.end = end;
    this.events = events;
    this.pending = events;
  }

  Segment segment() {
    return segment;
  }

  long start() {
    return start;
  }

  long end() {
    return end;
  }

  int events() {
    return events;
  }

  /** True when the last of them is settled. */
  boolean settleOne() {
    pending--;
    return pending == 0;
  }
}
