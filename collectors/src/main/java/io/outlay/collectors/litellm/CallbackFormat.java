package io.outlay.collectors.litellm;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.provider.Gist;
import io.outlay.collectors.provider.UnusableReportException;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of LiteLLM's generic API callback: one logging payload, an array of them, or one on each
 * line. The gateway sends all three as {@code application/json}. Payloads hold prompts and answers,
 * so that a body may have any size; what is not needed of them is passed over.
 */
public final class CallbackFormat implements EventFormat {
  @Override
  public String name() {
    return "litellm";
  }

  @Override
  public boolean isStreamed() {
    return true;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    try (JsonParser json = Gist.parser(body)) {
      if (json.nextToken() == null) {
        throw new UnreadableBodyException("the body is empty; send a logging payload", 0, 0);
      }
      Gist gist = LoggedCall.gist();
      int index = 0;
      do {
        if (json.currentToken() == JsonToken.START_ARRAY) {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            payload(json, index++, gist, reception, sink);
          }
        } else {
          payload(json, index++, gist, reception, sink);
        }
      } while (json.nextToken() != null);
    } catch (JsonProcessingException e) {
      throw unreadable(e.getOriginalMessage(), e.getLocation());
    } catch (CharacterCodingException e) {
      throw new UnreadableBodyException("the body is not UTF-8", 0, 0);
    }
  }

  private static void payload(
      JsonParser json, int index, Gist gist, Reception reception, EventSink sink)
      throws IOException {
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      // What the gateway sends for calls that it could not describe.
      sink.ignore();
      return;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      String was = json.currentToken() == JsonToken.START_ARRAY ? "an array" : "no object";
      json.skipChildren();
      sink.reject(new Rejection(index, null, "$", "must be a logging payload, was " + was));
      return;
    }
    ObjectNode payload = gist.read(json);
    LoggedCall call = new LoggedCall(payload);
    Violation violation = gist.violation();
    if (violation == null) {
      try {
        sink.accept(call.event(reception));
        return;
      } catch (UnusableReportException e) {
        violation = e.violation();
      }
    }
    sink.reject(new Rejection(index, call.id(), violation.field(), violation.error()));
  }

  private static UnreadableBodyException unreadable(String message, @Nullable JsonLocation at) {
    return at == null
        ? new UnreadableBodyException(message, 0, 0)
        : new UnreadableBodyException(message, at.getLineNr(), at.getColumnNr());
  }
}
