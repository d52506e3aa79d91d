package io.outlay.collectors.ingest;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
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
 *
 * <p>A format whose events stand for themselves is written in chunks while it is read, and what was
 * written stays: sending all of it again is safe.
 */
public final class Ingest {
  private static final int MAX_REJECTIONS_LISTED = 1_000;
  private static final int CHUNK_EVENTS = 1_000;
  private static final int CHUNK_BYTES = 1 << 20;

  /** What a streamed request may hold at a time: a chunk, and the line that is being read. */
  private static final int STREAM_BYTES = 2 * CHUNK_BYTES;

  private final WriterSource writers;
  private final Admission admission;
  private final RateLimits rates;
  private final Attribution attribution;
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
  public Ingest(
      WriterSource writers,
      Admission admission,
      RateLimits rates,
      Attribution attribution,
      Limits limits,
      InstantSource clock) {
    this.writers = writers;
    this.admission = admission;
    this.rates = rates;
    this.attribution = attribution;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * A request.
   *
   * @param publisher who sends it
   * @param encoding how its body is packed
   * @param contentLength of the body as it comes, negative if it is not known beforehand
   * @param body read to its end at most, not closed
   */
  public record Request(
      Publisher publisher, ContentEncoding encoding, long contentLength, InputStream body) {}

  /**
   * Takes a request; blocks until it is decided.
   *
   * @param progress told how many bytes were read
   * @throws IOException if the body cannot be received; nothing of it was sent, unless its format
   *     is streamed
   */
  public IngestOutcome ingest(EventFormat format, Request request, Progress progress)
      throws IOException {
    Duration wait = rates.toWait(request.publisher());
    if (!wait.isZero()) {
      return rateLimited(request.publisher(), wait, IngestOutcome.Counts.NONE);
    }
    long max = format.isStreamed() ? Long.MAX_VALUE : limits.maxBodyBytes();
    if (request.contentLength() > max) {
      return new IngestOutcome.TooLarge(BoundedBody.tooMany(max), IngestOutcome.Counts.NONE);
    }
    try (Admission.Place place = admission.enter()) {
      if (place == null) {
        return new IngestOutcome.Overloaded(
            "too many requests are in flight", IngestOutcome.Counts.NONE);
      }
      if (format.isStreamed() && !place.hold(STREAM_BYTES)) {
        return new IngestOutcome.Overloaded(
            "too many bytes are in flight", IngestOutcome.Counts.NONE);
      }
      BoundedBody body = new BoundedBody(request.body(), request.encoding(), max, place);
      try {
        return ingest(format, request.publisher(), body);
      } finally {
        progress.bytesRead(body.received());
      }
    }
  }

  private IngestOutcome ingest(EventFormat format, Publisher publisher, InputStream body)
      throws IOException {
    UsageWriter writer;
    try {
      writer = writers.writer();
    } catch (UnavailableException e) {
      return new IngestOutcome.Unavailable(
          String.valueOf(e.getMessage()), IngestOutcome.Counts.NONE);
    }
    Batch batch = new Batch(writer, publisher, format.isStreamed() ? 0 : limits.maxEvents());
    IngestOutcome outcome;
    try {
      format.read(
          body, new Reception(clock.instant(), limits.maxFuture(), publisher, attribution), batch);
      batch.write();
      outcome = new IngestOutcome.Answered(batch.counts(), batch.rejections);
    } catch (UnreadableBodyException e) {
      outcome =
          new IngestOutcome.Unreadable(
              String.valueOf(e.getMessage()), e.line(), e.column(), batch.abandoned());
    } catch (BodyException e) {
      outcome =
          new IngestOutcome.Unreadable(String.valueOf(e.getMessage()), 0, 0, batch.abandoned());
    } catch (BodyTooLargeException | TooManyEventsException e) {
      outcome = new IngestOutcome.TooLarge(String.valueOf(e.getMessage()), batch.abandoned());
    } catch (OverloadedException e) {
      outcome = new IngestOutcome.Overloaded(String.valueOf(e.getMessage()), batch.abandoned());
    } catch (IOException e) {
      if (!format.isStreamed()) {
        throw e;
      }
      outcome =
          new IngestOutcome.Unreadable(
              "the body could not be received to its end: " + e.getMessage(),
              0,
              0,
              batch.abandoned());
    } catch (UnacknowledgedException e) {
      outcome = new IngestOutcome.Unavailable(String.valueOf(e.getMessage()), batch.counts());
    } catch (RateExceededException e) {
      outcome = rateLimited(publisher, rates.toWait(publisher), batch.counts());
    }
    // A request that brought nothing was work all the same.
    rates.took(publisher, Math.max(1, batch.uncharged()));
    return outcome;
  }

  private static IngestOutcome rateLimited(
      Publisher publisher, Duration wait, IngestOutcome.Counts counts) {
    return new IngestOutcome.RateLimited(
        "the API key " + publisher.name() + " has sent more events than it may", wait, counts);
  }

  /** What a request holds: encoded as it is read, so that memory holds bytes and not objects. */
  private final class Batch implements EventSink {
    private final UsageWriter writer;
    private final Publisher publisher;
    private final int max;
    private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final List<Rejection> rejections = new ArrayList<>();
    private long bytes;
    private long accepted;
    private long rejected;
    private long ignored;
    private long unattributed;
    private long unattributedRecords;
    private long charged;

    /**
     * @param max events; 0 for no limit: they are then written in chunks
     */
    Batch(UsageWriter writer, Publisher publisher, int max) {
      this.writer = writer;
      this.publisher = publisher;
      this.max = max;
    }

    @Override
    public void accept(UsageEvent event) {
      makeRoom();
      ProducerRecord<byte[], byte[]> record = writer.record(event);
      records.add(record);
      bytes += record.value().length;
      if (event.getTeam().equals(Owner.UNATTRIBUTED)) {
        unattributedRecords++;
      }
      if (max == 0 && (records.size() >= CHUNK_EVENTS || bytes >= CHUNK_BYTES)) {
        write();
        charge();
      }
    }

    @Override
    public void reject(Rejection rejection) {
      makeRoom();
      rejected++;
      if (max > 0 || rejections.size() < MAX_REJECTIONS_LISTED) {
        rejections.add(rejection);
      }
    }

    @Override
    public void ignore() {
      makeRoom();
      ignored++;
    }

    /** Writes what has been read. */
    void write() {
      try {
        writer.append(records);
      } catch (UnavailableException e) {
        throw new UnacknowledgedException(e);
      }
      accepted += records.size();
      unattributed += unattributedRecords;
      forget();
    }

    /** Has a publisher pay for what was written, and stops it where it sends more than it may. */
    private void charge() {
      rates.took(publisher, uncharged());
      charged = accepted + rejected + ignored;
      if (!rates.toWait(publisher).isZero()) {
        throw new RateExceededException();
      }
    }

    /** Events that the publisher has not paid for. */
    long uncharged() {
      return accepted + rejected + ignored + records.size() - charged;
    }

    /** What became of the events, if those that are not acknowledged never are. */
    IngestOutcome.Counts counts() {
      return new IngestOutcome.Counts(
          accepted + rejected + ignored + records.size(),
          accepted,
          rejected,
          ignored,
          records.size(),
          unattributed);
    }

    /** The same for a request that is given up: what is not written never will be. */
    IngestOutcome.Counts abandoned() {
      forget();
      return max == 0 ? counts() : IngestOutcome.Counts.NONE;
    }

    private void forget() {
      records.clear();
      bytes = 0;
      unattributedRecords = 0;
    }

    private void makeRoom() {
      if (max > 0 && rejected + ignored + records.size() >= max) {
        throw new TooManyEventsException(max);
      }
    }
  }

  /** The broker did not acknowledge; carries {@link UnavailableException} through a format. */
  private static final class UnacknowledgedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnacknowledgedException(UnavailableException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** The publisher sends more than it may; carried through a format. */
  private static final class RateExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
