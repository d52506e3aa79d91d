package io.outlay.collectors.pull;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.ingest.IngestOutcome;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.StorageMove;
import io.outlay.schema.UsageEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Stands for Kafka: keeps what is delivered, and behaves as badly as a test wants. */
final class Inbox implements Delivery {
  /** What becomes of the next delivery. */
  enum Mode {
    FINE,
    /** Refused before anything is read. */
    AWAY,
    /** Stored, but that is never heard of. */
    UNHEARD,
    /** Half of it stored, and that never heard of. */
    HALF,
    /** The program ends before anything is stored. */
    CRASH_BEFORE,
    /** The program ends when all is stored. */
    CRASH_AFTER
  }

  /** Ends the program. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final IngestOutcome.Counts NONE = new IngestOutcome.Counts(0, 0, 0, 0, 0, 0);

  private final List<UsageEvent> stored = new ArrayList<>();
  private final Attribution.Entry[] entries;
  Mode mode = Mode.FINE;
  int deliveries;

  Inbox(Attribution.Entry... entries) {
    this.entries = entries;
  }

  @Override
  public IngestOutcome deliver(EventFormat format, Publisher publisher, byte[] body) {
    deliveries++;
    if (mode == Mode.AWAY) {
      return new IngestOutcome.Unavailable("Kafka does not answer", NONE);
    }
    Collected collected = new Collected();
    try {
      collected.read(format, body, Collected.reception(publisher, entries));
    } catch (UnreadableBodyException e) {
      return new IngestOutcome.Unreadable(String.valueOf(e.getMessage()), 0, 0, NONE);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    if (mode == Mode.CRASH_BEFORE) {
      throw new Crash();
    }
    int size = collected.events().size();
    stored.addAll(collected.events().subList(0, mode == Mode.HALF ? size / 2 : size));
    if (mode == Mode.CRASH_AFTER) {
      throw new Crash();
    }
    if (mode != Mode.FINE) {
      return new IngestOutcome.Unavailable("the broker did not acknowledge", NONE);
    }
    int rejected = collected.rejections().size();
    return new IngestOutcome.Answered(
        new IngestOutcome.Counts(size + rejected, size, rejected, 0, 0, 0), collected.rejections());
  }

  /** All that was stored, copies included. */
  List<UsageEvent> stored() {
    return stored;
  }

  /** What is counted downstream: each id once, by its first copy. */
  List<UsageEvent> counted() {
    Map<String, UsageEvent> byId = new LinkedHashMap<>();
    for (UsageEvent event : stored) {
      UsageEvent first = byId.putIfAbsent(event.getSource() + "\n" + event.getId(), event);
      if (first != null && !first.equals(event)) {
        throw new AssertionError("an id stands for two things: " + first + " and " + event);
      }
    }
    return List.copyOf(byId.values());
  }

  /** GPU time that is counted downstream. */
  long gpuMicros() {
    return counted().stream()
        .filter(event -> event.getDetail() instanceof GpuUsage)
        .mapToLong(event -> ((GpuUsage) event.getDetail()).getGpuMicros())
        .sum();
  }

  /** Moves that are counted downstream, such as {@code lake/logs hot>cold 5}. */
  List<String> moves() {
    return counted().stream()
        .filter(event -> event.getDetail() instanceof StorageMove)
        .map(event -> (StorageMove) event.getDetail())
        .map(
            move ->
                move.getStore()
                    + "/"
                    + move.getDataset()
                    + " "
                    + move.getFromTier()
                    + ">"
                    + move.getToTier()
                    + " "
                    + move.getBytes())
        .toList();
  }
}
