package io.outlay.collectors.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.usage.UsageRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Writes OTLP/JSON as protobuf, so that there is one reader of what it says. It differs from the
 * JSON of protobuf: ids are hexadecimal, enumerations are numbers, and field names are in
 * lowerCamelCase only. Numbers of 64 bits may be strings. A key that is given twice is an error.
 */
final class JsonBody {
  /** Deep enough for any body; AnyValue is not followed below arrays of strings. */
  private static final int MAX_DEPTH = 200;

  /** Far longer than any name there is. */
  private static final int MAX_NAME_LENGTH = 256;

  /** Keeps no names: those of all bodies that ever came would stay in memory. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final JsonParser json;

  private JsonBody(JsonParser json) {
    this.json = json;
  }

  /**
   * Reads a body to its end.
   *
   * @throws UnreadableBodyException naming the place where it is no such message
   * @throws IOException whatever {@code body} throws
   */
  static byte[] toProtobuf(InputStream body, Shape shape)
      throws UnreadableBodyException, IOException {
    try (JsonParser json = parser(body)) {
      JsonToken first = json.nextToken();
      if (first == null) {
        throw new UnreadableBodyException("the body is empty; send an object", 0, 0);
      }
      JsonBody reader = new JsonBody(json);
      byte[] message = reader.message("the body", shape);
      if (json.nextToken() != null) {
        throw reader.unreadable("the body must end after its object");
      }
      return message;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new UnreadableBodyException(
          e.getOriginalMessage(),
          at == null ? 0 : at.getLineNr(),
          at == null ? 0 : at.getColumnNr());
    } catch (CharacterCodingException e) {
      throw new UnreadableBodyException("the body is not UTF-8", 0, 0);
    }
  }

  /** Decodes strictly: left to the parser, a body that is not UTF-8 would be taken with marks. */
  static JsonParser parser(InputStream body) throws IOException {
    return JSON.createParser(new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder()));
  }

  private byte[] message(String name, Shape shape) throws UnreadableBodyException, IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw mustBe(name, "an object");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 64);
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      Shape.Member member = shape.member(key);
      if (member == null) {
        json.skipChildren();
      } else if (value != JsonToken.VALUE_NULL) {
        if (!member.repeated()) {
          value(out, key, member);
        } else if (value != JsonToken.START_ARRAY) {
          throw mustBe(key, "an array");
        } else {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            value(out, key, member);
          }
        }
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private void value(CodedOutputStream out, String name, Shape.Member member)
      throws UnreadableBodyException, IOException {
    int number = member.number();
    switch (member.kind()) {
      case MESSAGE -> {
        Shape shape = member.shape();
        if (shape == null) {
          throw new IllegalStateException(name + " has no shape");
        }
        out.writeByteArray(number, message(name, shape));
      }
      case TEXT -> out.writeString(number, text(name, "a string"));
      case HEX -> out.writeBytes(number, hex(name));
      case INTEGER -> out.writeInt64(number, integer(name, false));
      case FIXED64 -> out.writeFixed64(number, integer(name, true));
      case SIGNED_FIXED64 -> out.writeSFixed64(number, integer(name, false));
      case REAL -> out.writeDouble(number, real(name));
      case TRUTH -> {
        if (!json.currentToken().isBoolean()) {
          throw mustBe(name, "true or false");
        }
        out.writeBool(number, json.getBooleanValue());
      }
    }
  }

  private String text(String name, String expected) throws UnreadableBodyException, IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw mustBe(name, expected);
    }
    return json.getText();
  }

  private ByteString hex(String name) throws UnreadableBodyException, IOException {
    String expected = "an even number of hexadecimal digits";
    try {
      return ByteString.copyFrom(HexFormat.of().parseHex(text(name, expected)));
    } catch (IllegalArgumentException e) {
      throw mustBe(name, expected);
    }
  }

  private long integer(String name, boolean unsigned) throws UnreadableBodyException, IOException {
    String expected = unsigned ? "a whole number >= 0 of 64 bits" : "a whole number of 64 bits";
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
        && json.currentToken() != JsonToken.VALUE_STRING) {
      throw mustBe(name, expected);
    }
    try {
      return unsigned ? Long.parseUnsignedLong(json.getText()) : Long.parseLong(json.getText());
    } catch (NumberFormatException e) {
      throw mustBe(name, expected);
    }
  }

  private double real(String name) throws UnreadableBodyException, IOException {
    if (json.currentToken().isNumeric()) {
      return json.getDoubleValue();
    }
    try {
      return Double.parseDouble(text(name, "a number"));
    } catch (NumberFormatException e) {
      throw mustBe(name, "a number");
    }
  }

  private UnreadableBodyException mustBe(String name, String expected) throws IOException {
    return unreadable(name + " must be " + expected + ", was " + shown());
  }

  private String shown() throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return "an object";
    }
    return token == JsonToken.START_ARRAY
        ? "an array"
        : UsageRules.shown(String.valueOf((@Nullable String) json.getText()));
  }

  private UnreadableBodyException unreadable(String message) {
    JsonLocation at = json.currentTokenLocation();
    return new UnreadableBodyException(message, at.getLineNr(), at.getColumnNr());
  }
}
