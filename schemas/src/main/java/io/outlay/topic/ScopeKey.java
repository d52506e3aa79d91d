package io.outlay.topic;

import io.outlay.schema.RollupWindow;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Key of a rollup of a cut: window start (8 bytes, big endian, so that keys sort by time), window
 * length (1 byte), then the scope as UTF-8 text.
 *
 * @param scope dimensions of the cut with their values
 */
public record ScopeKey(RollupWindow window, long startMicros, SortedMap<String, String> scope)
    implements WindowKey {
  private static final int SCOPE_AT = Long.BYTES + 1;

  public ScopeKey {
    scope = Collections.unmodifiableSortedMap(new TreeMap<>(scope));
  }

  /** Of a scope in any order. */
  public static ScopeKey of(RollupWindow window, long startMicros, Map<String, String> scope) {
    return new ScopeKey(window, startMicros, new TreeMap<>(scope));
  }

  @Override
  public byte[] toBytes() {
    byte[] text = text(scope).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(SCOPE_AT + text.length)
        .putLong(startMicros)
        .put((byte) window.ordinal())
        .put(text)
        .array();
  }

  @Override
  public byte[] scopeBytes() {
    return text(scope).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A scope as one line, the same for equal scopes: {@code customer=acme&team=search}, dimensions
   * in alphabetical order, names and values escaped as in the query of an address.
   */
  public static String text(SortedMap<String, String> scope) {
    StringBuilder text = new StringBuilder(64);
    scope.forEach(
        (dimension, value) ->
            text.append(text.isEmpty() ? "" : "&")
                .append(URLEncoder.encode(dimension, StandardCharsets.UTF_8))
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return text.toString();
  }

  /**
   * Reads a Kafka key.
   *
   * @throws IllegalArgumentException if the bytes are no such key
   */
  public static ScopeKey ofBytes(byte[] bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      long start = buffer.getLong();
      RollupWindow window = RollupWindow.values()[buffer.get()];
      SortedMap<String, String> scope = new TreeMap<>();
      String text =
          new String(Arrays.copyOfRange(bytes, SCOPE_AT, bytes.length), StandardCharsets.UTF_8);
      for (String part : text.split("&", -1)) {
        int equals = part.indexOf('=');
        scope.put(decoded(part.substring(0, equals)), decoded(part.substring(equals + 1)));
      }
      return new ScopeKey(window, start, scope);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a scope key: " + bytes.length + " bytes", e);
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
