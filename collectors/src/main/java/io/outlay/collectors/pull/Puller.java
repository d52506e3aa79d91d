package io.outlay.collectors.pull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.ingest.IngestOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads one target: at most once in each slot. What was read is kept in a file before any of it is
 * sent, and sent again until it is acknowledged, also after a restart and in a later slot. Hence at
 * whatever point the program ends, the slot is counted once, by one reading. For one thread.
 *
 * @param <K> what is kept of a reading
 */
abstract class Puller<K extends Puller.Kept> {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final String name;
  private final Duration interval;
  private final Source source;
  private final StateFile file;
  private final Delivery delivery;
  private final Publisher publisher;

  private boolean loaded;
  private @Nullable K kept;

  /** What is kept of a reading. */
  interface Kept {
    Slot slot();

    /** Whether all of it has been acknowledged. */
    boolean sent();
  }

  /** What came of a reading that did not fail. */
  record Done(@Nullable Rejection firstRejection, long rejected) {
    static final Done NOTHING = new Done(null, 0);
  }

  Puller(String name, Duration interval, Source source, StateFile file, Delivery delivery) {
    this.name = name;
    this.interval = interval;
    this.source = source;
    this.file = file;
    this.delivery = delivery;
    this.publisher = new Publisher("puller:" + name, null);
  }

  /** {@code gpu} or {@code inventory}. */
  abstract String kind();

  /**
   * Reads a fresh answer.
   *
   * @param before the reading before, null if there was none
   */
  abstract EventFormat fresh(
      Content content, Slot slot, @Nullable K before, BeforeSending<K> beforeSending);

  /** Reads a reading that was kept, once more. */
  abstract EventFormat formatOf(K reading);

  /** The body to read it from; empty where its format needs none. */
  abstract byte[] bodyOf(K reading);

  /** The same, when it has been sent. */
  abstract K acknowledged(K reading);

  /** Writes what a reading has beside {@link Kept}, as fields. */
  abstract void write(K reading, JsonGenerator json) throws IOException;

  /** Reads what {@link #write} wrote. */
  abstract K read(Slot slot, boolean sent, JsonParser json) throws IOException;

  final String name() {
    return name;
  }

  final Duration interval() {
    return interval;
  }

  /**
   * Sees to it that the slot has been read and sent. Does nothing if it has.
   *
   * @throws PullException if that failed; trying again while the slot lasts is safe and worth it
   * @throws InterruptedException if the collector stops meanwhile
   */
  final Done pull(Slot slot) throws PullException, InterruptedException {
    try {
      K last = kept();
      if (last != null && !last.sent()) {
        Done done = send(formatOf(last), bodyOf(last));
        last = settle(last);
        if (covers(last, slot)) {
          return done;
        }
      }
      if (last != null && covers(last, slot)) {
        return Done.NOTHING;
      }
      Content content = source.read();
      Done done = send(fresh(content, slot, last, this::keep), content.body());
      K sent = kept;
      if (sent != null && !sent.sent()) {
        settle(sent);
      }
      return done;
    } catch (UncheckedIOException e) {
      throw unkept(e.getCause());
    } catch (IOException e) {
      throw unkept(e);
    }
  }

  private PullException unkept(IOException e) {
    return new PullException("its state cannot be kept in " + file + ": " + e, e);
  }

  /** Whether a reading stands for the slot or, where the interval was changed, for a part of it. */
  private boolean covers(K last, Slot slot) throws PullException {
    if (last.slot().startMicros() >= slot.endMicros()) {
      throw new PullException(
          "the clock is behind the last reading, of "
              + last.slot().start()
              + "; if that was wrong, remove "
              + file);
    }
    return last.slot().endMicros() > slot.startMicros();
  }

  private Done send(EventFormat format, byte[] body) throws PullException, IOException {
    IngestOutcome outcome = delivery.deliver(format, publisher, body);
    if (outcome instanceof IngestOutcome.Answered answered) {
      return new Done(
          answered.rejections().isEmpty() ? null : answered.rejections().get(0),
          answered.counts().rejected());
    }
    throw new PullException(detail(outcome));
  }

  private static String detail(IngestOutcome outcome) {
    if (outcome instanceof IngestOutcome.Unreadable unreadable) {
      return unreadable.detail();
    }
    if (outcome instanceof IngestOutcome.TooLarge tooLarge) {
      return tooLarge.detail();
    }
    if (outcome instanceof IngestOutcome.Overloaded overloaded) {
      return overloaded.detail();
    }
    if (outcome instanceof IngestOutcome.RateLimited limited) {
      return limited.detail();
    }
    if (outcome instanceof IngestOutcome.Unavailable unavailable) {
      return "read but not written yet: " + unavailable.detail();
    }
    throw new IllegalArgumentException("no outcome of a reading: " + outcome);
  }

  private @Nullable K kept() throws PullException, IOException {
    if (!loaded) {
      byte[] content = file.read();
      kept = content == null ? null : decode(content);
      loaded = true;
    }
    return kept;
  }

  private void keep(K reading) {
    try {
      store(reading);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private K settle(K reading) throws IOException {
    K settled = acknowledged(reading);
    store(settled);
    return settled;
  }

  private void store(K reading) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(content)) {
      json.writeStartObject();
      json.writeNumberField("slotStartMicros", reading.slot().startMicros());
      json.writeNumberField("slotMicros", reading.slot().lengthMicros());
      json.writeBooleanField("sent", reading.sent());
      write(reading, json);
      json.writeEndObject();
    }
    file.write(content.toByteArray());
    kept = reading;
  }

  private K decode(byte[] content) throws PullException {
    try (JsonParser json = JSON.createParser(content)) {
      require(json.nextToken() == JsonToken.START_OBJECT);
      Slot slot = new Slot(number(json, "slotStartMicros"), number(json, "slotMicros"));
      field(json, "sent");
      K reading = read(slot, json.getBooleanValue(), json);
      require(json.nextToken() == JsonToken.END_OBJECT);
      return reading;
    } catch (IOException | IllegalArgumentException e) {
      throw new PullException(
          "its state "
              + file
              + " cannot be understood: "
              + e.getMessage()
              + "; if it is removed, what was not sent yet and moves since then are lost",
          e);
    }
  }

  /** Steps to the value of a field that must come next. */
  static void field(JsonParser json, String name) throws IOException {
    if (json.nextToken() != JsonToken.FIELD_NAME || !name.equals(json.currentName())) {
      throw new IOException("must have the field " + name);
    }
    json.nextToken();
  }

  /** The number of a field that must come next. */
  static long number(JsonParser json, String name) throws IOException {
    field(json, name);
    return json.getLongValue();
  }

  /** The text of a field that must come next. */
  static String text(JsonParser json, String name) throws IOException {
    field(json, name);
    require(json.currentToken() == JsonToken.VALUE_STRING);
    return json.getText();
  }

  static void require(boolean expected) throws IOException {
    if (!expected) {
      throw new IOException("is not as it was written");
    }
  }
}
