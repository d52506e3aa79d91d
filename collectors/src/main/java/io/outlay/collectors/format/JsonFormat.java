package io.outlay.collectors.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.outlay.collectors.event.EventReader;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/** CloudEvents as JSON: one object, or an array of them. */
public final class JsonFormat implements EventFormat {
  private static final int MAX_DEPTH = 64;

  /**
   * Long numbers and strings are an error of their event, not of the request, so the parser lets
   * them pass: the size of the body bounds them. So is {@code NaN}, which Python's encoder writes.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final String name;
  private final Set<String> mediaTypes;
  private final boolean arrays;

  private JsonFormat(String name, Set<String> mediaTypes, boolean arrays) {
    this.name = name;
    this.mediaTypes = mediaTypes;
    this.arrays = arrays;
  }

  /** {@code application/json}: one event or an array. */
  public static JsonFormat json() {
    return new JsonFormat("json", Set.of("application/json"), true);
  }

  /** {@code application/cloudevents+json}, the structured mode of CloudEvents: one event. */
  public static JsonFormat structured() {
    return new JsonFormat("cloudevents", Set.of("application/cloudevents+json"), false);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<String> mediaTypes() {
    return mediaTypes;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    try (JsonParser json = JSON.createParser(body)) {
      EventReader reader = new EventReader(reception.receivedAt(), reception.maxFuture());
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_ARRAY && arrays) {
        for (int index = 0; json.nextToken() != JsonToken.END_ARRAY; index++) {
          read(json, index, reader, sink);
        }
      } else if (first == JsonToken.START_OBJECT) {
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
    UsageEvent event = reader.read(json);
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
    return unreadable(
        arrays
            ? "the body must be an event or an array of events"
            : "the body must be one event; send several as an array of type application/json",
        json.currentTokenLocation());
  }

  private static UnreadableBodyException unreadable(String message, JsonLocation at) {
    return at == null
        ? new UnreadableBodyException(message, 0, 0)
        : new UnreadableBodyException(message, at.getLineNr(), at.getColumnNr());
  }
}
