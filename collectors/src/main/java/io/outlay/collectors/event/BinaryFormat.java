package io.outlay.collectors.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.format.UnsupportedFormatException;
import io.outlay.schema.UsageEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The binary mode of CloudEvents: attributes in {@code ce-*} headers, percent-encoded, and {@code
 * data} as the body. One for each request.
 */
public final class BinaryFormat implements EventFormat {
  /** The header that tells binary mode from the others. */
  public static final String MARK = "ce-specversion";

  private static final String PREFIX = "ce-";

  private final Map<String, String> attributes;

  /**
   * @param headers of the request, names in any case
   * @throws UnsupportedFormatException naming a header that is given twice
   */
  public BinaryFormat(Map<String, List<String>> headers) throws UnsupportedFormatException {
    this.attributes = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(PREFIX) && name.length() > PREFIX.length()) {
        if (header.getValue().size() != 1) {
          throw new UnsupportedFormatException("the header " + name + " is given twice");
        }
        attributes.put(name.substring(PREFIX.length()), decoded(header.getValue().get(0)));
      }
    }
  }

  @Override
  public String name() {
    return "cloudevents-binary";
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink)
      throws UnreadableBodyException, IOException {
    try (JsonParser json = JsonFormat.JSON.createParser(body)) {
      if (json.nextToken() == null) {
        throw new UnreadableBodyException("the body is empty; send the event's data", 0, 0);
      }
      EventReader reader = new EventReader(reception);
      UsageEvent event = reader.read(attributes, json);
      if (json.nextToken() != null) {
        throw JsonFormat.unreadable(
            "the body must end after its JSON value", json.currentTokenLocation());
      }
      JsonFormat.deliver(event, 0, reader, sink);
    } catch (JsonProcessingException e) {
      throw JsonFormat.unreadable(e.getOriginalMessage(), e.getLocation());
    }
  }

  /**
   * Percent-encoded UTF-8, where a plus is a plus. What is not encoded well stands for itself: not
   * every SDK encodes.
   */
  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return value;
    }
  }
}
