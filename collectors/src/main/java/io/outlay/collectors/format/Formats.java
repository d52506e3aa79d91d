package io.outlay.collectors.format;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The formats that an endpoint understands, found by the media type of a request. */
public final class Formats {
  private final Map<String, EventFormat> byMediaType = new LinkedHashMap<>();

  /** Adds a format under a media type, in lower case and without parameters. */
  public Formats with(String mediaType, EventFormat format) {
    if (byMediaType.put(mediaType, format) != null) {
      throw new IllegalArgumentException(mediaType + " is claimed by two formats");
    }
    return this;
  }

  /**
   * The format of a request.
   *
   * @param contentType value of the header, null if there is none
   * @throws UnsupportedFormatException naming what was asked for and what is understood
   */
  public EventFormat of(@Nullable String contentType) throws UnsupportedFormatException {
    if (contentType == null || contentType.isBlank()) {
      throw new UnsupportedFormatException("Content-Type is missing; supported are " + supported());
    }
    EventFormat format = byMediaType.get(mediaType(contentType));
    if (format == null) {
      throw new UnsupportedFormatException(
          "Content-Type \"" + contentType + "\" is not supported; supported are " + supported());
    }
    requireUtf8(contentType);
    return format;
  }

  /** The media type of a {@code Content-Type}, in lower case, without parameters. */
  public static String mediaType(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes sure that a body is JSON, of whatever vocabulary.
   *
   * @throws UnsupportedFormatException naming what it is
   */
  public static void requireJson(String contentType) throws UnsupportedFormatException {
    String mediaType = mediaType(contentType);
    if (!mediaType.endsWith("/json") && !mediaType.endsWith("+json")) {
      throw new UnsupportedFormatException(
          "Content-Type \"" + contentType + "\" is not supported; data must be application/json");
    }
    requireUtf8(contentType);
  }

  private static void requireUtf8(String contentType) throws UnsupportedFormatException {
    String[] parts = contentType.split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("charset=") && !isUtf8(parameter.substring("charset=".length()))) {
        throw new UnsupportedFormatException(
            "Content-Type \"" + contentType + "\" is not supported; the charset must be UTF-8");
      }
    }
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
