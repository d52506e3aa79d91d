package io.outlay.collectors.provider;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.usage.UsageRules;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call as its provider answered it: the response, its usage object alone, one of the last
 * events of a stream, all of them as an array or as lines, or the stream itself. One for each
 * request.
 */
public final class UsageFormat implements EventFormat {
  private static final String DONE = "[DONE]";

  private final ProviderApi api;
  private final Shape shape;
  private final Map<String, List<String>> headers;

  /** How a body is written. */
  public enum Shape {
    /** An object or an array of objects. */
    JSON,
    /** Objects, one after the other. */
    LINES,
    /** Server-sent events. */
    STREAM
  }

  /**
   * @param headers of the request
   */
  public UsageFormat(ProviderApi api, Shape shape, Map<String, List<String>> headers) {
    this.api = api;
    this.shape = shape;
    this.headers = headers;
  }

  @Override
  public String name() {
    return api.id();
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    ReportedCall call = new ReportedCall(api, ReportedCall.Place.BODY);
    Gist gist = ProviderApi.gist();
    if (shape != Shape.JSON) {
      call.streamed();
    }
    if (shape == Shape.STREAM) {
      EventStream.read(body, (data, line) -> event(data, line, gist, call));
    } else {
      try (JsonParser json = Gist.parser(body)) {
        documents(json, gist, call);
      } catch (JsonProcessingException e) {
        throw unreadable(e.getOriginalMessage(), e.getLocation());
      } catch (CharacterCodingException e) {
        throw new UnreadableBodyException("the body is not UTF-8", 0, 0);
      }
    }
    String id = call.id();
    try {
      UsageHeaders said = new UsageHeaders(headers);
      id = said.id() == null ? id : said.id();
      sink.accept(said.event(api, call.report(), reception));
    } catch (UnusableReportException e) {
      sink.reject(new Rejection(0, id, e.violation().field(), e.violation().error()));
    }
  }

  private void documents(JsonParser json, Gist gist, ReportedCall call)
      throws UnreadableBodyException, IOException {
    JsonToken token = json.nextToken();
    if (token == null) {
      throw new UnreadableBodyException("the body is empty; send the provider's response", 0, 0);
    }
    int index = 0;
    do {
      if (json.currentToken() == JsonToken.START_ARRAY) {
        call.streamed();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          document(json, "[" + index++ + "]", gist, call);
        }
      } else {
        document(json, shape == Shape.LINES ? "[" + index++ + "]" : "$", gist, call);
      }
      token = json.nextToken();
    } while (token != null && shape == Shape.LINES);
    if (token != null) {
      throw unreadable("the body must end after its JSON value", json.currentTokenLocation());
    }
  }

  private static void document(JsonParser json, String path, Gist gist, ReportedCall call)
      throws IOException {
    if (json.currentToken() == JsonToken.START_OBJECT) {
      call.add(gist.read(json));
      call.fault(gist.violation());
    } else {
      call.fault(path, "must be an object of the provider, was " + shown(json));
      json.skipChildren();
    }
  }

  private static String shown(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_ARRAY -> "an array";
      case VALUE_STRING -> UsageRules.shown(json.getText());
      default -> Counts.cut(json.getText());
    };
  }

  private static void event(byte[] data, int line, Gist gist, ReportedCall call)
      throws UnreadableBodyException, IOException {
    if (data.length < 2 * DONE.length()
        && new String(data, StandardCharsets.UTF_8).strip().equals(DONE)) {
      return;
    }
    try (JsonParser json = Gist.parser(new ByteArrayInputStream(data))) {
      json.nextToken();
      document(json, "$", gist, call);
    } catch (JsonProcessingException e) {
      throw new UnreadableBodyException(
          "the data of an event that ends here is not JSON: " + e.getOriginalMessage(), line, 1);
    } catch (CharacterCodingException e) {
      throw new UnreadableBodyException(
          "the data of an event that ends here is not UTF-8", line, 1);
    }
  }

  private static UnreadableBodyException unreadable(String message, @Nullable JsonLocation at) {
    return at == null
        ? new UnreadableBodyException(message, 0, 0)
        : new UnreadableBodyException(message, at.getLineNr(), at.getColumnNr());
  }
}
