package io.outlay.collectors.testing;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** A sink that keeps what a format reads, and receptions to read with. */
public final class Collected implements EventSink {
  public static final Instant NOW = Instant.parse("2026-11-21T02:00:00.000001Z");

  private final List<UsageEvent> events = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private int ignored;

  /** A request of somebody unknown, without configured owners. */
  public static Reception reception() {
    return reception(Publisher.ANONYMOUS);
  }

  public static Reception reception(Publisher publisher, Attribution.Entry... entries) {
    return new Reception(NOW, Duration.ofMinutes(5), publisher, new Attribution(List.of(entries)));
  }

  /** What a format reads of a text. */
  public static Collected of(EventFormat format, String body) throws Exception {
    return of(format, body, reception());
  }

  public static Collected of(EventFormat format, String body, Reception reception)
      throws Exception {
    Collected collected = new Collected();
    collected.read(format, body.getBytes(StandardCharsets.UTF_8), reception);
    return collected;
  }

  public void read(EventFormat format, byte[] body, Reception reception) throws Exception {
    try {
      format.read(new ByteArrayInputStream(body), reception, this);
    } catch (IOException e) {
      throw new AssertionError("a body in memory can be read", e);
    }
  }

  @Override
  public void accept(UsageEvent event) {
    events.add(event);
  }

  @Override
  public void reject(Rejection rejection) {
    rejections.add(rejection);
  }

  @Override
  public void ignore() {
    ignored++;
  }

  public List<UsageEvent> events() {
    return events;
  }

  public List<Rejection> rejections() {
    return rejections;
  }

  public int ignored() {
    return ignored;
  }

  /** The only event, where there is nothing else. */
  public UsageEvent event() {
    assertThat(rejections).isEmpty();
    assertThat(events).hasSize(1);
    return events.get(0);
  }

  /** The only rejection, where there is nothing else. */
  public Rejection rejection() {
    assertThat(events).isEmpty();
    assertThat(rejections).hasSize(1);
    return rejections.get(0);
  }
}
