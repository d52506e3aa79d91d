package io.outlay.collectors.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON objects, keeping what tells usage and leaving the content out: prompts, answers and
 * embeddings are passed over without being held. What is kept of one object is bounded, whatever
 * its size. Numbers are kept exactly as they are written. For one thread.
 */
public final class Gist {
  private static final int MAX_NAME = 1_024;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  /**
   * Long numbers and {@code NaN}, which Python's encoder writes, are an error of their object, not
   * of the request, so the parser lets them pass. Strings of this length are kept nowhere. Names
   * are not remembered beyond their body: whoever sends bodies chooses them.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(1 << 20)
                  .maxNameLength(MAX_NAME)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  /** Most characters of a usage object. */
  static final int MAX_USAGE = 65_536;

  private static final int MAX_OTHER = 4_096;
  private static final int MAX_ALL = 2 * MAX_USAGE;
  private static final int MAX_WRAPPERS = 3;
  private static final int MAX_NUMBER = 1_000;
  private static final int CONTAINER = 2;
  private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

  private final Set<String> wrappers;
  private final Set<String> usages;
  private final Set<String> texts;
  private final Set<String> parts;
  private final @Nullable String items;
  private final String itemType;
  private final String itemAction;

  private int room;
  private boolean overflown;
  private @Nullable Violation violation;

  /**
   * @param wrappers objects that are read like the whole: their content is left out too
   * @param usages objects that are kept whole
   * @param texts strings that are kept; others are passed over, except inside of usages and parts
   * @param parts objects and lists that are kept if they are short, beside those that are called
   *     details; others are passed over
   * @param items list of which only the items of one type are kept, and of them only the type; null
   *     if there is none
   * @param itemType that type
   * @param itemAction type of the action that an item must have if it names one
   */
  public Gist(
      Set<String> wrappers,
      Set<String> usages,
      Set<String> texts,
      Set<String> parts,
      @Nullable String items,
      String itemType,
      String itemAction) {
    this.wrappers = Set.copyOf(wrappers);
    this.usages = Set.copyOf(usages);
    this.texts = Set.copyOf(texts);
    this.parts = Set.copyOf(parts);
    this.items = items;
    this.itemType = itemType;
    this.itemAction = itemAction;
  }

  /**
   * A parser of a body in UTF-8, which stays open.
   *
   * @throws IOException if the body cannot be read; the parser throws a {@link
   *     java.nio.charset.CharacterCodingException} where it is not UTF-8
   */
  public static JsonParser parser(InputStream body) throws IOException {
    // A reader, because bytes are decoded leniently where names are not remembered.
    Reader reader =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder()));
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return JSON.createParser(reader);
  }

  /**
   * Reads the object that the parser stands at, to its last token.
   *
   * @throws IOException if the JSON is broken or cannot be read
   */
  public ObjectNode read(JsonParser json) throws IOException {
    room = MAX_ALL;
    violation = null;
    return object(json, "", 0);
  }

  /** What is wrong with the object read last, such as a key given twice, or null. */
  public @Nullable Violation violation() {
    return violation;
  }

  private ObjectNode object(JsonParser json, String path, int depth) throws IOException {
    ObjectNode object = NODES.objectNode();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken token = json.nextToken();
      String here = path + Counts.cut(name);
      if (object.has(name)) {
        fault(here, "is given twice");
        json.skipChildren();
        continue;
      }
      JsonNode value = null;
      if (token == JsonToken.START_OBJECT && depth < MAX_WRAPPERS && wrappers.contains(name)) {
        value = object(json, here + ".", depth + 1);
      } else if (token == JsonToken.START_OBJECT && usages.contains(name)) {
        value = whole(json, here, MAX_USAGE);
        if (overflown) {
          fault(here, "must have at most " + MAX_USAGE + " characters");
        }
      } else if (token == JsonToken.START_ARRAY && name.equals(items)) {
        value = items(json);
      } else if (isKept(token, name)) {
        value = whole(json, here, MAX_OTHER);
        if (overflown) {
          value = null;
        }
      } else {
        // Without looking at it: a string that is passed over costs no memory.
        json.skipChildren();
      }
      if (value != null) {
        room -= name.length();
        if (room < 0) {
          fault(path.isEmpty() ? here : path.substring(0, path.length() - 1), tooLong());
        } else {
          object.set(name, value);
        }
      }
    }
    return object;
  }

  private boolean isKept(JsonToken token, String name) {
    if (usages.contains(name)) {
      return true;
    }
    return switch (token) {
      case VALUE_STRING -> texts.contains(name);
      case START_OBJECT, START_ARRAY ->
          parts.contains(name)
              || texts.contains(name)
              || name.endsWith("details")
              || name.endsWith("Details");
      default -> true;
    };
  }

  private static String tooLong() {
    return "must have at most " + MAX_ALL + " characters besides its content";
  }

  private ArrayNode items(JsonParser json) throws IOException {
    ArrayNode kept = NODES.arrayNode();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        continue;
      }
      String type = "";
      String action = itemAction;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken token = json.nextToken();
        if (token == JsonToken.VALUE_STRING && name.equals("type")) {
          type = json.getText();
        } else if (token == JsonToken.START_OBJECT && name.equals("action")) {
          action = type(json, itemAction);
        } else {
          json.skipChildren();
        }
      }
      if (type.equals(itemType) && action.equals(itemAction)) {
        room -= itemType.length();
        if (room >= 0) {
          kept.add(itemType);
        }
      }
    }
    return kept;
  }

  /** The type of the object that the parser stands at. */
  private static String type(JsonParser json, String absent) throws IOException {
    String type = absent;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (json.nextToken() == JsonToken.VALUE_STRING && name.equals("type")) {
        type = json.getText();
      } else {
        json.skipChildren();
      }
    }
    return type;
  }

  /** The value that the parser stands at, as far as it fits. */
  private JsonNode whole(JsonParser json, String path, int max) throws IOException {
    int before = room;
    room = Math.min(room, max);
    int start = room;
    JsonNode value = value(json, path);
    overflown = room < 0;
    // What was too long is thrown away, and takes no room.
    room = overflown ? before : before - (start - room);
    return value;
  }

  private JsonNode value(JsonParser json, String path) throws IOException {
    if (room < 0) {
      json.skipChildren();
      return NODES.nullNode();
    }
    switch (json.currentToken()) {
      case START_OBJECT -> {
        room -= CONTAINER;
        ObjectNode object = NODES.objectNode();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          json.nextToken();
          if (object.has(name)) {
            fault(path + "." + Counts.cut(name), "is given twice");
            json.skipChildren();
          } else if (room < 0) {
            json.skipChildren();
          } else {
            room -= name.length();
            object.set(name, value(json, path + "." + Counts.cut(name)));
          }
        }
        return object;
      }
      case START_ARRAY -> {
        room -= CONTAINER;
        ArrayNode array = NODES.arrayNode();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          if (room < 0) {
            json.skipChildren();
          } else {
            array.add(value(json, path + "[" + array.size() + "]"));
          }
        }
        return array;
      }
      case VALUE_STRING -> {
        room -= CONTAINER + json.getTextLength();
        return room < 0 ? NODES.nullNode() : NODES.textNode(json.getText());
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        room -= 1 + json.getTextLength();
        return number(json, path);
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        room -= CONTAINER;
        return NODES.booleanNode(json.currentToken() == JsonToken.VALUE_TRUE);
      }
      default -> {
        room -= CONTAINER;
        return NODES.nullNode();
      }
    }
  }

  private JsonNode number(JsonParser json, String path) throws IOException {
    if (json.getTextLength() <= 18 && json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return NODES.numberNode(json.getLongValue());
    }
    if (json.getTextLength() > MAX_NUMBER) {
      if (room >= 0) {
        fault(path, "must have at most " + MAX_NUMBER + " digits, had " + json.getTextLength());
      }
      return NODES.nullNode();
    }
    String text = json.getText();
    try {
      return NODES.numberNode(new BigDecimal(text));
    } catch (NumberFormatException e) {
      if (text.endsWith("N") || text.endsWith("y")) {
        // NaN and the infinities: no number, so that whoever asks for one says so.
        return NODES.textNode(text);
      }
      fault(path, "is beyond any count: " + UsageRules.shown(text));
      return NODES.nullNode();
    }
  }

  private void fault(String field, String error) {
    if (violation == null) {
      violation = new Violation(field, error);
    }
  }
}
