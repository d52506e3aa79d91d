package io.outlay.collectors.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The formats that an endpoint understands, found by the media type of a request. */
public final class Formats {
  private final Map<String, EventFormat> byMediaType = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException if two formats claim one media type
   */
  public Formats(List<EventFormat> formats) {
    for (EventFormat format : formats) {
      for (String mediaType : format.mediaTypes()) {
        if (byMediaType.put(mediaType, format) != null) {
          throw new IllegalArgumentException(mediaType + " is claimed by two formats");
        }
      }
    }
  }

  /** What {@code POST /v1/events} understands. */
  public static Formats ofEvents() {
    return new Formats(List.of(JsonFormat.json(), JsonFormat.structured()));
  }

  /**
   * The format of a request.
   *
   * @param contentType value of the header, null if there is none
   * @param contentEncoding value of the header, null if there is none
   * @throws UnsupportedFormatException naming what was asked for and what is understood
   */
  public EventFormat of(@Nullable String contentType, @Nullable String contentEncoding)
      throws UnsupportedFormatException {
    if (contentEncoding != null
        && !contentEncoding.isBlank()
        && !contentEncoding.strip().equalsIgnoreCase("identity")) {
      throw new UnsupportedFormatException(
          "Content-Encoding \"" + contentEncoding + "\" is not supported; send the body as it is");
    }
    if (contentType == null || contentType.isBlank()) {
      throw new UnsupportedFormatException("Content-Type is missing; supported are " + supported());
    }
    String[] parts = contentType.split(";", -1);
    EventFormat format = byMediaType.get(parts[0].strip().toLowerCase(Locale.ROOT));
    if (format == null) {
      throw new UnsupportedFormatException(
          "Content-Type \"" + contentType + "\" is not supported; supported are " + supported());
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("charset=") && !isUtf8(parameter.substring("charset=".length()))) {
        throw new UnsupportedFormatException(
            "Content-Type \"" + contentType + "\" is not supported; the charset must be UTF-8");
      }
    }
    return format;
  }

  /** The media types, for people. */
  public String supported() {
    return String.join(", ", byMediaType.keySet());
  }

  private static boolean isUtf8(String charset) {
    String name = charset.replace("\"", "").strip();
    return name.equals("utf-8") || name.equals("utf8") || name.equals("us-ascii");
  }
}
