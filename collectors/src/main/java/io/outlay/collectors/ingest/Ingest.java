package io.outlay.collectors.ingest;

import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.TooManyEventsException;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.UsageEvent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Takes one request: reads and validates all of it, then writes the valid events, then waits until
 * the broker has acknowledged every one. An event that breaks a rule harms no other; a body that
 * breaks midway stores nothing. Two equal events in one request both go through: duplicates are
 * found downstream, where those of other requests are found too.
 */
public final class Ingest {
  private final WriterSource writers;
  private final Admission admission;
  private final Limits limits;
  private final InstantSource clock;

  /**
   * What a request may ask for.
   *
   * @param maxBodyBytes largest body, ≥ 1
   * @param maxEvents most events, ≥ 1
   * @param maxFuture how far ahead of the clock an event may lie, 0 to 365 days
   */
  public record Limits(int maxBodyBytes, int maxEvents, Duration maxFuture) {
    private static final Duration YEAR = Duration.ofDays(365);

    /**
     * @throws IllegalArgumentException naming the value that is out of bounds
     */
    public Limits {
      if (maxBodyBytes < 1 || maxEvents < 1) {
        throw new IllegalArgumentException(
            "collectors.maxBodyBytes and collectors.maxEvents must be >= 1, were "
                + maxBodyBytes
                + " and "
                + maxEvents);
      }
      if (maxFuture.isNegative() || maxFuture.compareTo(YEAR) > 0) {
        throw new IllegalArgumentException(
            "collectors.maxFuture must be between 0s and 365d, was " + maxFuture);
      }
    }
  }

  /** Told how much of a body was read, also when it fails. */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param bytes of the body
     */
    void bytesRead(long bytes);
  }

  /**
   * @param admission shared by everything that takes requests
   */
  public Ingest(WriterSource writers, Admission admission, Limits limits, InstantSource clock) {
    this.writers = writers;
    this.admission = admission;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Takes a request; blocks until it is decided.
   *
   * @param contentLength of the body, negative if it is not known beforehand
   * @param progress told how many bytes were read
   * @throws IOException if the body cannot be received; nothing of it was sent
   */
  public IngestOutcome ingest(
      EventFormat format, long contentLength, InputStream body, Progress progress)
      throws IOException {
    if (contentLength > limits.maxBodyBytes()) {
      return tooLarge(new BodyTooLargeException(limits.maxBodyBytes()));
    }
    try (Admission.Place place = admission.enter()) {
      if (place == null) {
        return new IngestOutcome.Overloaded(
            "too many requests are in flight; nothing of this one was stored");
      }
      BoundedBody bounded = new BoundedBody(body, limits.maxBodyBytes(), place);
      try {
        return ingest(format, bounded);
      } finally {
        progress.bytesRead(bounded.count());
      }
    }
  }

  private IngestOutcome ingest(EventFormat format, InputStream body) throws IOException {
    Batch batch;
    UsageWriter writer;
    try {
      writer = writers.writer();
    } catch (UnavailableException e) {
      return new IngestOutcome.Unavailable(e.getMessage(), 0, 0, 0);
    }
    try {
      batch = new Batch(writer, limits.maxEvents());
      format.read(body, new Reception(clock.instant(), limits.maxFuture()), batch);
    } catch (UnreadableBodyException e) {
      return new IngestOutcome.Unreadable(e.getMessage(), e.line(), e.column());
    } catch (BodyTooLargeException | TooManyEventsException e) {
      return tooLarge(e);
    } catch (OverloadedException e) {
      return new IngestOutcome.Overloaded(e.getMessage() + "; nothing of this request was stored");
    }
    try {
      writer.append(batch.records);
      return new IngestOutcome.Answered(batch.count(), batch.records.size(), batch.rejections);
    } catch (UnavailableException e) {
      return new IngestOutcome.Unavailable(
          e.getMessage(), batch.count(), batch.rejections.size(), batch.records.size());
    }
  }

  private static IngestOutcome tooLarge(Exception e) {
    return new IngestOutcome.TooLarge(String.valueOf(e.getMessage()));
  }

  /** What a request holds: encoded as it is read, so that memory holds bytes and not objects. */
  private static final class Batch implements EventSink {
    private final UsageWriter writer;
    private final int max;
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final List<Rejection> rejections = new ArrayList<>();

    Batch(UsageWriter writer, int max) {
      this.writer = writer;
      this.max = max;
    }

    @Override
    public void accept(UsageEvent event) {
      makeRoom();
      records.add(writer.record(event));
    }

    @Override
    public void reject(Rejection rejection) {
      makeRoom();
      rejections.add(rejection);
    }

    int count() {
      return records.size() + rejections.size();
    }

    private void makeRoom() {
      if (count() >= max) {
        throw new TooManyEventsException(max);
      }
    }
  }
}
