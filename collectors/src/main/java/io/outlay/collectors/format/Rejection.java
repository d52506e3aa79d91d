package io.outlay.collectors.format;

import org.jspecify.annotations.Nullable;

/**
 * An event that was not accepted, and why.
 *
 * @param index place of the event in its request, from 0
 * @param id the event's {@code id}, null if none could be read; cut where it is too long
 * @param field path as a publisher writes it, such as {@code data.tokens.output}; {@code $} where
 *     the event as a whole is wrong
 * @param error what must hold and what was there, such as {@code must be >= 0, was -5}
 */
public record Rejection(int index, @Nullable String id, String field, String error) {
  private static final int MAX_ID = 256;

  /** Makes the texts safe to send back: what comes in may hold halves of characters. */
  public Rejection {
    id = id == null ? null : wellFormed(id.length() > MAX_ID ? id.substring(0, MAX_ID) : id);
    field = wellFormed(field);
    error = wellFormed(error);
  }

  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return text.codePoints()
            .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
      }
    }
    return text;
  }
}
