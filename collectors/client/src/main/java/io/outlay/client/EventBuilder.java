package io.outlay.client;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What every type of event has. Setters take anything and never throw; what the collector would
 * refuse is found by {@link #build()}, which throws, and by {@link OutlayClient#publish}, which
 * does not. A builder is for one thread.
 *
 * @param <B> the builder itself, for chaining
 */
public abstract class EventBuilder<B extends EventBuilder<B>> extends Attributed<B> {
  private static final Defaults NO_DEFAULTS = new Defaults();

  private final String type;
  private @Nullable String id;
  private @Nullable String source;
  private @Nullable Instant time;
  private @Nullable String requestId;
  private @Nullable String traceId;

  EventBuilder(String type) {
    this.type = type;
  }

  /**
   * Identifies the event for ever, together with the source; sending it again is harmless. Not
   * given: a new, time-ordered id.
   */
  public B id(@Nullable String value) {
    id = value;
    return self();
  }

  /** Not given: the client's source. */
  public B source(@Nullable String value) {
    source = value;
    return self();
  }

  /** When the usage happened, kept to the microsecond. Not given: now. */
  public B time(@Nullable Instant value) {
    time = value;
    return self();
  }

  /** Shared by everything that one request caused, so that its cost adds up. */
  public B requestId(@Nullable String value) {
    requestId = value;
    return self();
  }

  public B traceId(@Nullable String value) {
    traceId = value;
    return self();
  }

  /**
   * The event, without any client's defaults.
   *
   * @throws InvalidEventException if a value is missing or breaks a bound
   */
  public Event build() {
    return build(NO_DEFAULTS, null, Ids.SHARED, Instant.now());
  }

  final Event build(Defaults defaults, @Nullable String defaultSource, Ids ids, Instant now) {
    checkSetters();
    String eventId = id == null ? ids.next() : id;
    String eventSource = source == null ? defaultSource : source;
    try {
      EventWriter out = new EventWriter();
      out.open(eventId, eventSource, type, time == null ? now : time);
      writeAttribution(out, defaults);
      out.text("requestId", requestId, Bounds.MAX_ID_LENGTH);
      out.text("traceId", traceId, Bounds.MAX_ID_LENGTH);
      writeDetail(out);
      return new Event(eventId, type, out.finish());
    } catch (IOException e) {
      throw new InvalidEventException("$", "could not be written: " + e.getMessage());
    }
  }

  final @Nullable String givenId() {
    return id;
  }

  /** Writes the fields that only this type has. */
  abstract void writeDetail(EventWriter out) throws IOException;

  static @Nullable BigDecimal seconds(@Nullable Duration duration) {
    return duration == null
        ? null
        : BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
  }

  /** The shortest decimal that stands for the number; NaN and infinities are refused. */
  final @Nullable BigDecimal fraction(String name, double value) {
    if (Double.isFinite(value)) {
      return BigDecimal.valueOf(value);
    }
    refuse("data." + name, "must be a number between 0 and 1, was " + value);
    return null;
  }
}
