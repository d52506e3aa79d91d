package io.outlay.collectors.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** CloudEvents as JSON: one object, or an array of them. */
public final class JsonFormat implements EventFormat {
  private static final int MAX_DEPTH = 64;

  /** Names are kept for ever by the parser's table of symbols, so that they must be short. */
  private static final int MAX_NAME_LENGTH = 1_024;

  /**
   * Long numbers and strings are an error of their event, not of the request, so the parser lets
   * them pass: the size of the body bounds them. So is {@code NaN}, which Python's encoder writes.
   */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final String name;
  private final Shape shape;

  private enum Shape {
    EVENT("one event; send several as an array of type application/json"),
    ARRAY("an array of events"),
    EITHER("an event or an array of events");

    private final String expected;

    Shape(String expected) {
      this.expected = expected;
    }
  }

  private JsonFormat(String name, Shape shape) {
    this.name = name;
    this.shape = shape;
  }

  /** {@code application/json}: one event or an array. */
  public static JsonFormat json() {
    return new JsonFormat("json", Shape.EITHER);
  }

  /** {@code application/cloudevents+json}, the structured mode of CloudEvents: one event. */
  public static JsonFormat structured() {
    return new JsonFormat("cloudevents", Shape.EVENT);
  }

  /** {@code application/cloudevents-batch+json}, the batched mode of CloudEvents: an array. */
  public static JsonFormat batched() {
    return new JsonFormat("cloudevents-batch", Shape.ARRAY);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    try (JsonParser json = JSON.createParser(body)) {
      EventReader reader = new EventReader(reception);
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_ARRAY && shape != Shape.EVENT) {
        for (int index = 0; json.nextToken() != JsonToken.END_ARRAY; index++) {
          read(json, index, reader, sink);
        }
      } else if (first == JsonToken.START_OBJECT && shape != Shape.ARRAY) {
        read(json, 0, reader, sink);
      } else {
        throw unexpected(first, json);
      }
      if (json.nextToken() != null) {
        throw unreadable("the body must end after its JSON value", json.currentTokenLocation());
      }
    } catch (JsonProcessingException e) {
      throw unreadable(e.getOriginalMessage(), e.getLocation());
    }
  }

  private static void read(JsonParser json, int index, EventReader reader, EventSink sink)
      throws IOException {
    deliver(reader.read(json), index, reader, sink);
  }

  /** Hands over what a reader made of an event. */
  static void deliver(@Nullable UsageEvent event, int index, EventReader reader, EventSink sink) {
    if (event != null) {
      sink.accept(event);
    } else {
      Violation violation = reader.violation();
      sink.reject(new Rejection(index, reader.id(), violation.field(), violation.error()));
    }
  }

  private UnreadableBodyException unexpected(JsonToken first, JsonParser json) {
    if (first == null) {
      return new UnreadableBodyException("the body is empty; send an event", 0, 0);
    }
    return unreadable("the body must be " + shape.expected, json.currentTokenLocation());
  }

  static UnreadableBodyException unreadable(String message, @Nullable JsonLocation at) {
    return at == null
        ? new UnreadableBodyException(message, 0, 0)
        : new UnreadableBodyException(message, at.getLineNr(), at.getColumnNr());
  }
}
