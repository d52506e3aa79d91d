package io.outlay.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Events on disk, in append-only segments, read back oldest first. A record is one write to the
 * operating system: once {@link #append} has returned, the death of the process loses nothing; the
 * loss of power loses nothing with {@code fsync}. Up to where all is settled is kept in each
 * segment's header; a segment that is settled to its end is deleted.
 *
 * <p>Any thread may append; everything else is the sender's. Files on disk never hold more than the
 * bound.
 */
final class Spool {
  private static final long MAX_SEGMENT = 8 << 20;
  private static final long MIN_SEGMENT = 64 << 10;

  private final SpoolSlot slot;
  private final long maxBytes;
  private final long segmentBytes;
  private final boolean fsync;
  private final int batchEvents;
  private final Books books;
  private final Notices notices;
  private final Runnable bell;

  /** By number, which is their age. Guarded by this, as is all that follows. */
  private final TreeMap<Long, Segment> segments = new TreeMap<>();

  private @Nullable Segment active;
  private long bytes;
  private long nextNumber;
  private long unreadSince;
  private long unread;
  private boolean failing;
  private boolean closed;

  /** Files of earlier processes that are not scanned yet. */
  private List<Path> found;

  private Spool(
      SpoolSlot slot,
      long maxBytes,
      boolean fsync,
      int batchEvents,
      Books books,
      Notices notices,
      Runnable bell)
      throws IOException {
    this.slot = slot;
    this.batchEvents = batchEvents;
    this.bell = bell;
    this.maxBytes = maxBytes;
    this.segmentBytes = Math.max(MIN_SEGMENT, Math.min(MAX_SEGMENT, maxBytes / 8));
    this.fsync = fsync;
    this.books = books;
    this.notices = notices;
    this.found = slot.segments();
    for (Path path : found) {
      bytes += Files.size(path);
      nextNumber = Segment.number(path) + 1;
    }
  }

  /**
   * Takes a slot of the directory for this client.
   *
   * @param bell rung when something to send has come, once per batch
   * @throws UncheckedIOException if the directory cannot be used
   */
  static Spool open(
      Path directory,
      long maxBytes,
      boolean fsync,
      int batchEvents,
      Books books,
      Notices notices,
      Runnable bell) {
    try {
      SpoolSlot slot = SpoolSlot.claim(directory);
      try {
        return new Spool(slot, maxBytes, fsync, batchEvents, books, notices, bell);
      } catch (IOException e) {
        slot.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "spoolDirectory cannot be used, was " + directory + ": " + e.getMessage(), e);
    }
  }

  // ---- appending, by any thread ---------------------------------------------------------------

  /** Whether the event is on disk; false if there is no room or the disk refuses. */
  synchronized boolean append(String id, byte[] json, long nowNanos) {
    boolean appended = appendUnsynced(id, json, nowNanos);
    if (appended) {
      sync();
    }
    return appended;
  }

  /** How many of the entries, from the first on, are on disk. */
  synchronized int appendAll(List<Entry> entries, long nowNanos) {
    int appended = 0;
    for (Entry entry : entries) {
      if (!appendUnsynced(entry.id(), entry.json(), nowNanos)) {
        break;
      }
      appended++;
    }
    if (appended > 0) {
      sync();
    }
    return appended;
  }

  private boolean appendUnsynced(String id, byte[] json, long nowNanos) {
    if (closed) {
      return false;
    }
    byte[] record = Segment.record(id.getBytes(StandardCharsets.UTF_8), json);
    try {
      Segment segment = active;
      boolean roll =
          segment == null
              || (segment.committed() > Segment.HEADER
                  && segment.committed() + record.length > segmentBytes);
      if (bytes + record.length + (roll ? Segment.HEADER : 0) > maxBytes) {
        return false;
      }
      if (roll || segment == null) {
        segment = roll();
      }
      segment.append(record);
      if (unread == 0) {
        unreadSince = nowNanos;
      }
      bytes += record.length;
      unread++;
      failing = false;
      if (unread == 1 || unread == batchEvents) {
        bell.run();
      }
      return true;
    } catch (IOException e) {
      if (!failing) {
        notices.problem("the spool in " + slot.directory() + " cannot be written", e);
      }
      failing = true;
      abandonActive();
      return false;
    }
  }

  /** Only a channel can flush a directory, and an interrupted thread cannot use one. */
  private void syncDirectory() {
    boolean interrupted = Thread.interrupted();
    try (FileChannel directory = FileChannel.open(slot.directory(), StandardOpenOption.READ)) {
      directory.force(true);
    } catch (IOException e) {
      notices.problem("directory " + slot.directory() + " cannot be flushed to the device", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void sync() {
    Segment segment = active;
    if (fsync && segment != null) {
      try {
        segment.sync();
      } catch (IOException e) {
        notices.problem("segment " + segment.path() + " cannot be flushed to the device", e);
      }
    }
  }

  private Segment roll() throws IOException {
    if (active != null) {
      sync();
      active.seal();
    }
    Segment segment = Segment.create(slot.directory(), nextNumber);
    nextNumber++;
    segments.put(segment.number(), segment);
    active = segment;
    bytes += Segment.HEADER;
    if (fsync) {
      syncDirectory();
    }
    return segment;
  }

  /** After a failed write: what is committed stays, the next append takes a new file. */
  private void abandonActive() {
    Segment segment = active;
    active = null;
    if (segment != null) {
      try {
        segment.seal();
      } catch (IOException e) {
        notices.problem("segment " + segment.path() + " cannot be closed", e);
      }
      if (segment.committed() == Segment.HEADER) {
        delete(segment);
      }
    }
  }

  /** Nanoseconds until a batch is due: 0 if one is, {@code Long.MAX_VALUE} if nothing waits. */
  synchronized long dueIn(long nowNanos, long lingerNanos) {
    if (unread == 0) {
      return Long.MAX_VALUE;
    }
    return unread >= batchEvents ? 0 : Math.max(0, unreadSince + lingerNanos - nowNanos);
  }

  /** The place after the last record. */
  synchronized Mark end() {
    return segments.isEmpty()
        ? new Mark(-1, 0)
        : new Mark(segments.lastKey(), segments.lastEntry().getValue().committed());
  }

  /** Whether everything before the place is settled. */
  synchronized boolean settledTo(Mark mark) {
    for (Segment segment : segments.values()) {
      if (segment.number() > mark.segment()) {
        return true;
      }
      if (segment.number() < mark.segment()
          ? !segment.allSettled()
          : segment.consumed() < mark.offset()) {
        return false;
      }
    }
    return true;
  }

  synchronized boolean allSettled() {
    return segments.values().stream().allMatch(Segment::allSettled);
  }

  /** A place between two records. */
  record Mark(long segment, long offset) {}

  // ---- the sender's ---------------------------------------------------------------------------

  /** Counts what earlier processes left here and in slots that nobody holds, and takes it over. */
  void recover(long nowNanos) {
    for (Path path : found) {
      recover(path, nowNanos);
    }
    found = List.of();
    adopt(nowNanos);
  }

  /** Takes over the segments of slots whose process is gone. */
  void adopt(long nowNanos) {
    try {
      for (Path other : slot.others()) {
        adopt(other, nowNanos);
      }
    } catch (IOException e) {
      notices.problem("the spools beside " + slot.directory() + " cannot be listed", e);
    }
  }

  private void adopt(Path other, long nowNanos) {
    try (SpoolSlot orphan = SpoolSlot.claimOrphan(other)) {
      if (orphan == null) {
        return;
      }
      for (Path path : orphan.segments()) {
        Path mine = take(path);
        if (mine == null) {
          return;
        }
        recover(mine, nowNanos);
      }
    } catch (IOException e) {
      notices.problem("the spool in " + other + " cannot be adopted", e);
    }
  }

  /** Moves a file here under a new number; null if there is no room for it. */
  private @Nullable Path take(Path path) throws IOException {
    long size = Files.size(path);
    Path mine;
    synchronized (this) {
      if (bytes + size > maxBytes) {
        return null;
      }
      mine = Segment.path(slot.directory(), nextNumber);
      nextNumber++;
      bytes += size;
    }
    Files.move(path, mine, StandardCopyOption.ATOMIC_MOVE);
    return mine;
  }

  private void recover(Path path, long nowNanos) {
    try {
      Segment segment = Segment.open(path);
      try {
        recover(segment, nowNanos);
      } finally {
        segment.closeReader();
      }
    } catch (IOException | RuntimeException e) {
      notices.problem("segment " + path + " cannot be read and is left where it is", e);
    }
  }

  private void recover(Segment segment, long nowNanos) throws IOException {
    long events = 0;
    int gaps = 0;
    long at = segment.consumed();
    while (at < segment.committed()) {
      Segment.Found part = segment.read(at, segment.committed(), 1_000, 1 << 20);
      events += part.payloads().size();
      gaps += part.gaps();
      at = part.end();
    }
    books.damaged(gaps);
    if (gaps > 0) {
      notices.problem(
          "unreadable places of " + segment.path() + " that are skipped: " + gaps, null);
    }
    synchronized (this) {
      if (events == 0) {
        bytes -= Files.size(segment.path());
        segment.delete();
        return;
      }
      if (unread == 0) {
        unreadSince = nowNanos;
      }
      unread += events;
      segment.recovered(events);
      segments.put(segment.number(), segment);
      books.recovered(events);
    }
  }

  /** Up to one batch of the oldest events that were not handed out; empty if there are none. */
  List<Entry> read(int maxEvents, long maxPayload, long nowNanos) {
    while (true) {
      Segment segment = null;
      long from = 0;
      long to = 0;
      synchronized (this) {
        for (Segment candidate : segments.values()) {
          if (candidate.readTo() < candidate.committed()) {
            segment = candidate;
            from = segment.readTo();
            to = segment.committed();
            break;
          }
        }
      }
      if (segment == null) {
        return List.of();
      }
      try {
        Segment.Found part = segment.read(from, to, maxEvents, maxPayload);
        SpoolRange range = new SpoolRange(segment, from, part.end(), part.payloads().size());
        List<Entry> entries = new ArrayList<>(part.payloads().size());
        for (byte[] payload : part.payloads()) {
          entries.add(Segment.entry(payload, range, nowNanos));
        }
        synchronized (this) {
          long before = segment.unread();
          segment.handedOut(part.end(), entries.size());
          unread -= before - segment.unread();
          unreadSince = nowNanos;
        }
        if (!entries.isEmpty()) {
          return entries;
        }
        settled(range);
      } catch (IOException e) {
        giveUp(segment, e);
      }
    }
  }

  /** All events of the part are delivered or rejected. */
  void settled(SpoolRange range) {
    Segment segment = range.segment();
    boolean persist;
    synchronized (this) {
      boolean moved = segment.settle(range);
      boolean done = segment.allSettled();
      if (done && segment == active && segment.committed() >= MIN_SEGMENT) {
        abandonActive();
      }
      if (done && segment != active) {
        delete(segment);
        return;
      }
      persist = moved;
    }
    if (persist) {
      try {
        segment.writeHeader();
      } catch (IOException e) {
        // Costs no more than sending that part again after a restart.
        notices.problem("the position in " + segment.path() + " cannot be written", e);
      }
    }
  }

  private void delete(Segment segment) {
    segments.remove(segment.number());
    bytes -= segment.committed();
    try {
      segment.delete();
    } catch (IOException e) {
      notices.problem("segment " + segment.path() + " cannot be deleted", e);
    }
    missing(segment);
  }

  /** Events that were appended and could not be read back. */
  private void missing(Segment segment) {
    if (segment.remaining() > 0) {
      books.move(Books.Place.SPOOLED, Books.Place.DROPPED, segment.remaining());
      notices.dropped(
          null,
          "events of " + segment.path() + " that could not be read back: " + segment.remaining());
    }
  }

  /** A file that the disk does not give back: it stays where it is, for people to look at. */
  private synchronized void giveUp(Segment segment, IOException cause) {
    notices.problem("segment " + segment.path() + " cannot be read and is left where it is", cause);
    if (segment == active) {
      abandonActive();
    }
    // Out of our sight, so that nobody waits for it; its bytes still count.
    segments.remove(segment.number());
    long lost = segment.giveUpUnread();
    unread -= lost;
    books.move(Books.Place.SPOOLED, Books.Place.DROPPED, lost);
    notices.dropped(null, "events of " + segment.path() + " that could not be read back: " + lost);
  }

  /** Ends the lock; segments without events are deleted, the others left for the next process. */
  synchronized void close() {
    closed = true;
    abandonActive();
    NavigableMap<Long, Segment> left = new TreeMap<>(segments);
    for (Map.Entry<Long, Segment> entry : left.entrySet()) {
      Segment segment = entry.getValue();
      if (segment.allSettled()) {
        delete(segment);
      } else {
        try {
          segment.close();
        } catch (IOException e) {
          notices.problem("segment " + segment.path() + " cannot be closed", e);
        }
      }
    }
    try {
      slot.close();
    } catch (IOException e) {
      notices.problem("the lock in " + slot.directory() + " cannot be released", e);
    }
  }
}
