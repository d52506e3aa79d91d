package io.outlay.collectors.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.usage.UsageRules;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a resource, span, log record or data point that are looked at: texts, numbers,
 * truth values and lists of texts, without blanks around them. Prompts and answers stand in
 * attributes too; they are skipped. Of a key that is given twice the last value holds.
 */
final class Attributes {
  /** Attributes that become tags, whatever their number; more are not looked at. */
  private static final int MAX_FREE = 256;

  /** More of a text is not kept: those of a resource are looked at for each of its spans. */
  private static final int MAX_TEXT = 1_024;

  private static final int MAX_LIST = UsageRules.MAX_TAGS;
  private static final int MAX_NUMBER_LENGTH = 40;
  private static final BigDecimal MAX_TOKENS = BigDecimal.valueOf(UsageRules.MAX_TOKENS);

  private final Map<String, Object> values = new HashMap<>();
  private int free;

  /** Takes an attribute, if it is looked at. */
  void add(Fields.Slice keyValue) throws UnreadableBodyException {
    String key = "";
    Fields.Slice value = null;
    Fields fields = keyValue.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case KeyValue.KEY_FIELD_NUMBER -> key = Warnings.cut(fields.text(), MAX_TEXT);
        case KeyValue.VALUE_FIELD_NUMBER -> value = fields.message();
        default -> fields.skip();
      }
    }
    if (value == null || !Keys.isKnown(key)) {
      return;
    }
    boolean isFree = Keys.tagName(key) != null;
    if (isFree && free >= MAX_FREE) {
      return;
    }
    Object read = value(value);
    if (read != null && values.put(key, read) == null && isFree) {
      free++;
    }
  }

  private static @Nullable Object value(Fields.Slice any) throws UnreadableBodyException {
    Object value = null;
    Fields fields = any.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case AnyValue.STRING_VALUE_FIELD_NUMBER ->
            value = Warnings.cut(fields.text().strip(), MAX_TEXT);
        case AnyValue.BOOL_VALUE_FIELD_NUMBER -> value = fields.varint() != 0;
        case AnyValue.INT_VALUE_FIELD_NUMBER -> value = fields.varint();
        case AnyValue.DOUBLE_VALUE_FIELD_NUMBER -> value = fields.real();
        case AnyValue.ARRAY_VALUE_FIELD_NUMBER -> value = list(fields.message());
        default -> fields.skip();
      }
    }
    return value;
  }

  private static List<String> list(Fields.Slice array) throws UnreadableBodyException {
    List<String> texts = new ArrayList<>();
    Fields fields = array.fields();
    while (fields.next()) {
      if (fields.number() != ArrayValue.VALUES_FIELD_NUMBER || texts.size() == MAX_LIST) {
        fields.skip();
        continue;
      }
      Fields element = fields.message().fields();
      while (element.next()) {
        if (element.number() == AnyValue.STRING_VALUE_FIELD_NUMBER) {
          texts.add(Warnings.cut(element.text().strip(), MAX_TEXT));
        } else {
          element.skip();
        }
      }
    }
    return texts;
  }

  /** The first of some attributes that is there and not blank, as text; empty if none is. */
  String text(List<String> keys) {
    for (String key : keys) {
      String text = text(key);
      if (!text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  /** An attribute as text; empty if it is not there, or a list. */
  String text(String key) {
    Object value = values.get(key);
    return value == null || value instanceof List ? "" : value.toString();
  }

  /** The texts of a list; of one text, that text. */
  List<String> texts(String key) {
    Object value = values.get(key);
    if (value instanceof List<?> list) {
      return list.stream().map(Object::toString).toList();
    }
    return value == null ? List.of() : List.of(value.toString());
  }

  /** Tags by name, in the order of their names. */
  Map<String, String> tags() {
    Map<String, String> tags = new TreeMap<>();
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      String name = Keys.tagName(entry.getKey());
      if (name != null && !(entry.getValue() instanceof List)) {
        tags.put(name, entry.getValue().toString());
      }
    }
    for (String key : Keys.TAGS) {
      if (!text(key).isEmpty()) {
        tags.put(key, text(key));
      }
    }
    for (String tag : texts(Keys.TAG_LIST)) {
      tags.putIfAbsent(tag, "");
    }
    tags.remove("");
    return tags;
  }

  /** Whether any of some attributes is there. */
  boolean hasAny(List<String> keys) {
    for (String key : keys) {
      if (values.containsKey(key)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The first of some attributes that is there, as a number of tokens. Some instrumentations write
   * numbers as texts, some as floating-point numbers.
   *
   * @return null if none is there
   * @throws Refused if it is no number of tokens
   */
  @Nullable Long tokens(List<String> keys) throws Refused {
    for (String key : keys) {
      Object value = values.get(key);
      if (value != null) {
        return tokens(key, value);
      }
    }
    return null;
  }

  /**
   * A number of tokens, exactly.
   *
   * @param value Long, Double or String
   * @throws Refused if it is not whole, or out of bounds
   */
  static long tokens(String field, Object value) throws Refused {
    BigDecimal number = number(value);
    if (number == null) {
      throw new Refused(
          field,
          "must be a whole number, was "
              + (value instanceof String text ? UsageRules.shown(text) : value.toString()));
    }
    if (number.signum() < 0) {
      throw new Refused(field, "must be >= 0, was " + value);
    }
    if (number.compareTo(MAX_TOKENS) > 0) {
      throw new Refused(field, "must be <= " + MAX_TOKENS + ", was " + value);
    }
    if (number.stripTrailingZeros().scale() > 0) {
      throw new Refused(field, "must be a whole number, was " + value);
    }
    return number.longValueExact();
  }

  private static @Nullable BigDecimal number(Object value) {
    if (value instanceof Long whole) {
      return BigDecimal.valueOf(whole);
    }
    if (value instanceof Double real) {
      return Double.isFinite(real) ? new BigDecimal(real) : null;
    }
    if (!(value instanceof String text) || text.length() > MAX_NUMBER_LENGTH) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
