package io.outlay.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes one event as JSON and checks every value on the way: each method throws {@link
 * InvalidEventException} for a value that the collector would refuse. Empty text is left out, as
 * the collector makes no difference between empty and absent.
 */
final class EventWriter {
  static final JsonFactory JSON = new JsonFactory();

  /** Longest JSON that a provider's usage object or an event as a whole may have. */
  static final int MAX_JSON = 1 << 20;

  /** Beyond any number that could be meant; keeps arithmetic on hostile decimals short. */
  private static final int MAX_UNSCALED_BITS = 1024;

  private static final int MAX_SHOWN = 64;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private final JsonGenerator json;
  private boolean tokensOpen;

  EventWriter() throws IOException {
    json = JSON.createGenerator(bytes);
  }

  /** The envelope, up to the opening of {@code data}. */
  void open(String id, @Nullable String source, String type, Instant time) throws IOException {
    json.writeStartObject();
    json.writeStringField("specversion", "1.0");
    json.writeStringField("id", required("id", id, Bounds.MAX_ID_LENGTH));
    json.writeStringField("source", required("source", source, Bounds.MAX_ID_LENGTH));
    json.writeStringField("type", type);
    if (time.isBefore(Bounds.MIN_TIME) || !time.isBefore(Bounds.MAX_TIME)) {
      throw new InvalidEventException(
          "time",
          "must be between " + Bounds.MIN_TIME + " and " + Bounds.MAX_TIME + ", was " + time);
    }
    json.writeStringField("time", time.truncatedTo(ChronoUnit.MICROS).toString());
    json.writeObjectFieldStart("data");
  }

  /** Ends data and event, and returns the UTF-8 of the whole. */
  byte[] finish() throws IOException {
    closeTokens();
    json.writeEndObject();
    json.writeEndObject();
    json.close();
    return bytes.toByteArray();
  }

  void requiredText(String name, @Nullable String value, int maxLength) throws IOException {
    json.writeStringField(name, required("data." + name, value, maxLength));
  }

  void text(String name, @Nullable String value, int maxLength) throws IOException {
    if (value != null && !value.isEmpty()) {
      json.writeStringField(name, checked("data." + name, value, maxLength));
    }
  }

  void dimension(String name, @Nullable String value) throws IOException {
    text(name, value, Bounds.MAX_DIMENSION_LENGTH);
  }

  void tags(Map<String, String> tags) throws IOException {
    if (tags.isEmpty()) {
      return;
    }
    if (tags.size() > Bounds.MAX_TAGS) {
      throw new InvalidEventException(
          "data.tags", "must have at most " + Bounds.MAX_TAGS + " entries, had " + tags.size());
    }
    json.writeObjectFieldStart("tags");
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      String name = required("data.tags", tag.getKey(), Bounds.MAX_TAG_NAME_LENGTH);
      json.writeStringField(
          name, checked("data.tags." + name, tag.getValue(), Bounds.MAX_ID_LENGTH));
    }
    json.writeEndObject();
  }

  void requiredOneOf(String name, @Nullable String value, Set<String> allowed) throws IOException {
    if (value == null || !allowed.contains(value)) {
      throw new InvalidEventException(
          "data." + name,
          "must be one of "
              + String.join(", ", new TreeSet<>(allowed))
              + ", was "
              + (value == null ? "absent" : shown(value)));
    }
    json.writeStringField(name, value);
  }

  void oneOf(String name, @Nullable String value, Set<String> allowed) throws IOException {
    if (value != null) {
      requiredOneOf(name, value, allowed);
    }
  }

  void flag(String name, @Nullable Boolean value) throws IOException {
    if (value != null) {
      json.writeBooleanField(name, value);
    }
  }

  void count(String name, @Nullable Long value, long max) throws IOException {
    if (value != null) {
      json.writeNumberField(name, checked("data." + name, value, max));
    }
  }

  /** Tokens of one bucket; buckets follow each other without another field between them. */
  void bucket(String name, long value) throws IOException {
    if (!tokensOpen) {
      json.writeObjectFieldStart("tokens");
      tokensOpen = true;
    }
    json.writeNumberField(name, checked("data.tokens." + name, value, Bounds.MAX_TOKENS));
  }

  void closeTokens() throws IOException {
    if (tokensOpen) {
      json.writeEndObject();
      tokensOpen = false;
    }
  }

  void seconds(String name, @Nullable BigDecimal value) throws IOException {
    if (value == null) {
      return;
    }
    String field = "data." + name;
    BigDecimal rounded = rounded(field, value);
    if (rounded.signum() < 0) {
      throw new InvalidEventException(field, "must be >= 0, was " + shown(value));
    }
    if (rounded.compareTo(BigDecimal.valueOf(Bounds.MAX_SECONDS)) > 0) {
      throw new InvalidEventException(
          field, "must be <= " + Bounds.MAX_SECONDS + ", was " + shown(value));
    }
    number(name, rounded);
  }

  void requiredSeconds(String name, @Nullable BigDecimal value) throws IOException {
    present(name, value);
    seconds(name, value);
  }

  void fraction(String name, @Nullable BigDecimal value) throws IOException {
    if (value == null) {
      return;
    }
    String field = "data." + name;
    BigDecimal rounded = rounded(field, value);
    if (rounded.signum() < 0 || rounded.compareTo(BigDecimal.ONE) > 0) {
      throw new InvalidEventException(field, "must be between 0 and 1, was " + shown(value));
    }
    number(name, rounded);
  }

  void requiredFraction(String name, @Nullable BigDecimal value) throws IOException {
    present(name, value);
    fraction(name, value);
  }

  void amount(String name, @Nullable BigDecimal value) throws IOException {
    String field = "data." + name;
    if (value == null) {
      throw new InvalidEventException(field, "is required");
    }
    digits(field, value);
    BigDecimal exact = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
    if ((long) exact.precision() - exact.scale() > Bounds.AMOUNT_DIGITS) {
      throw new InvalidEventException(
          field, "must be below 1000000 either way, was " + shown(value));
    }
    if (exact.scale() > Bounds.AMOUNT_SCALE) {
      throw new InvalidEventException(
          field, "must have at most " + Bounds.AMOUNT_SCALE + " decimals, was " + shown(value));
    }
    json.writeStringField(name, exact.toPlainString());
  }

  void currency(String name, @Nullable String code) throws IOException {
    if (code == null) {
      return;
    }
    boolean valid = code.length() == 3;
    for (int i = 0; valid && i < 3; i++) {
      valid = code.charAt(i) >= 'A' && code.charAt(i) <= 'Z';
    }
    if (!valid) {
      throw new InvalidEventException(
          "data." + name, "must be an ISO 4217 code such as USD, was " + shown(code));
    }
    json.writeStringField(name, code);
  }

  /** A JSON object as it came. */
  void object(String name, String text) throws IOException {
    String field = "data." + name;
    if (text.length() > MAX_JSON) {
      throw new InvalidEventException(
          field, "must have at most " + MAX_JSON + " characters, had " + text.length());
    }
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidEventException(field, "must be a JSON object, was " + shown(text));
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new InvalidEventException(field, "must be one JSON object, was followed by more");
      }
    } catch (JsonProcessingException e) {
      throw new InvalidEventException(
          field, "must be a JSON object: " + cut(e.getOriginalMessage()) + ", was " + shown(text));
    }
    for (int i = 0; i < text.length(); i++) {
      i += unpaired(field, text, i);
    }
    json.writeFieldName(name);
    json.writeRawValue(text);
  }

  // ---- checks -------------------------------------------------------------------------------

  private static void present(String name, @Nullable Object value) {
    if (value == null) {
      throw new InvalidEventException("data." + name, "is required");
    }
  }

  private static String required(String field, @Nullable String value, int maxLength) {
    if (value == null || value.isEmpty()) {
      throw new InvalidEventException(field, "is required and must not be empty");
    }
    return checked(field, value, maxLength);
  }

  private static String checked(String field, String value, int maxLength) {
    if (value.length() > maxLength) {
      throw new InvalidEventException(
          field,
          "must have at most "
              + maxLength
              + " characters, had "
              + value.length()
              + ": "
              + shown(value));
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == 0x7f) {
        throw new InvalidEventException(
            field, "must have no control characters, had U+%04X at %d".formatted((int) c, i));
      }
      i += unpaired(field, value, i);
    }
    return value;
  }

  /** 1 if a surrogate pair starts here, 0 for other characters; a lone surrogate is refused. */
  private static int unpaired(String field, String value, int at) {
    char c = value.charAt(at);
    if (!Character.isSurrogate(c)) {
      return 0;
    }
    if (at + 1 < value.length() && Character.isSurrogatePair(c, value.charAt(at + 1))) {
      return 1;
    }
    throw new InvalidEventException(field, "must be valid Unicode, had a lone surrogate at " + at);
  }

  private static long checked(String field, long value, long max) {
    if (value < 0) {
      throw new InvalidEventException(field, "must be >= 0, was " + value);
    }
    if (value > max) {
      throw new InvalidEventException(field, "must be <= " + max + ", was " + value);
    }
    return value;
  }

  /** Rounded as the collector would, without ever expanding an exponent. */
  private static BigDecimal rounded(String field, BigDecimal value) {
    digits(field, value);
    if (value.signum() == 0) {
      return BigDecimal.ZERO;
    }
    long integerDigits = (long) value.precision() - value.scale();
    if (integerDigits > 18) {
      return BigDecimal.valueOf(value.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE);
    }
    return integerDigits < -Bounds.SCALE
        ? BigDecimal.ZERO
        : value.setScale(Bounds.SCALE, RoundingMode.HALF_EVEN);
  }

  private static void digits(String field, BigDecimal value) {
    if (value.unscaledValue().bitLength() > MAX_UNSCALED_BITS) {
      throw new InvalidEventException(field, "must have at most 300 digits");
    }
  }

  private void number(String name, BigDecimal value) throws IOException {
    json.writeFieldName(name);
    json.writeNumber(value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString());
  }

  // ---- messages -----------------------------------------------------------------------------

  private static String shown(BigDecimal value) {
    return cut(value.toString());
  }

  private static String cut(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN - 3) + "…";
  }

  /** Quoted, cut where it is long, control characters and surrogates as escapes. */
  static String shown(String value) {
    boolean cut = value.length() > MAX_SHOWN;
    int end = cut ? MAX_SHOWN - 3 : value.length();
    StringBuilder shown = new StringBuilder(end + 3).append('"');
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
        shown.append("\\u%04x".formatted((int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.append(cut ? "…\"" : "\"").toString();
  }
}
