package io.outlay.collectors.pull;

import io.outlay.collectors.pull.Puller.Done;
import java.lang.System.Logger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * One target's way through time: once in each slot, at the target's own place in it, so that not
 * all fire at once; again, after growing pauses, while a slot has not been read. For one thread at
 * a time.
 */
final class Course {
  private static final Logger LOG = System.getLogger(Course.class.getName());
  private static final Duration MAX_OFFSET = Duration.ofSeconds(30);
  private static final Duration MIN_PAUSE = Duration.ofMillis(250);
  private static final Duration MAX_FIRST_PAUSE = Duration.ofSeconds(10);
  private static final int MAX_DOUBLINGS = 16;

  private final Puller<?> puller;
  private final PullMetrics metrics;
  private final InstantSource clock;
  private final Complaints failures;
  private final Complaints rejections;
  private final Duration offset;
  private long owed;
  private int failuresInSlot;

  Course(Puller<?> puller, PullMetrics metrics, InstantSource clock) {
    this.puller = puller;
    this.metrics = metrics;
    this.clock = clock;
    String who = puller.kind() + " target " + puller.name();
    this.failures = new Complaints(LOG, who, clock);
    this.rejections = new Complaints(LOG, who, clock);
    long places = Math.max(1, least(puller.interval().dividedBy(4), MAX_OFFSET).toMillis());
    this.offset = Duration.ofMillis(Math.floorMod(31L * who.hashCode(), places));
    this.owed = slot(clock.instant()).index();
    metrics.watched(puller.kind(), puller.name());
  }

  /**
   * When to run first: the slot that has begun is as good as any. Where the target's place in it is
   * over, a part of the offset keeps those that start together apart.
   */
  Instant first() {
    Instant now = clock.instant();
    Slot slot = slot(now);
    Instant place = slot.start().plus(offset);
    if (place.isAfter(now)) {
      return place;
    }
    Instant soon = now.plus(offset.dividedBy(4));
    return soon.isBefore(slot.end()) ? soon : now;
  }

  /**
   * Reads the current slot, unless it has been read.
   *
   * @return when to run again
   * @throws InterruptedException if the collector stops meanwhile
   */
  Instant run() throws InterruptedException {
    Slot slot = slot(clock.instant());
    if (slot.index() < owed) {
      // Woken too early, or the clock was put back.
      return slot.next().start().plus(offset);
    }
    if (slot.index() > owed) {
      metrics.missed(puller.kind(), puller.name(), slot.index() - owed);
      owed = slot.index();
      failuresInSlot = 0;
    }
    try {
      Done done = puller.pull(slot);
      owed = slot.index() + 1;
      failuresInSlot = 0;
      metrics.succeeded(puller.kind(), puller.name());
      failures.over();
      note(done);
    } catch (PullException e) {
      return failed(slot, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return failed(slot, "unexpected: " + e);
    }
    return slot.next().start().plus(offset);
  }

  private void note(Done done) {
    if (done.firstRejection() == null) {
      rejections.over();
    } else {
      rejections.wrong(
          done.rejected()
              + " rejected, the first: "
              + done.firstRejection().field()
              + ": "
              + done.firstRejection().error());
    }
  }

  private Instant failed(Slot slot, String why) {
    metrics.failed(puller.kind(), puller.name());
    failures.wrong(why);
    Duration first = least(puller.interval().dividedBy(8), MAX_FIRST_PAUSE);
    Duration pause = first.compareTo(MIN_PAUSE) < 0 ? MIN_PAUSE : first;
    Instant again =
        clock.instant().plus(pause.multipliedBy(1L << Math.min(failuresInSlot, MAX_DOUBLINGS)));
    failuresInSlot++;
    return again.isBefore(slot.end()) ? again : slot.next().start().plus(offset);
  }

  private Slot slot(Instant moment) {
    return Slot.at(moment, puller.interval());
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
