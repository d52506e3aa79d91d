package io.outlay.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Records of the generated classes, filled at random with whatever their schema can hold. */
public final class RandomRecords {
  /** Three digits hold nine bits. */
  private static final int DIGITS = 3;

  private static final int BITS_OF_DIGITS = 9;

  private static final int MAX_ITEMS = 4;
  private static final String[] TEXTS = {"", "a", "gpt-4o", "é漢💸", "x".repeat(300), "\u0000\n"};

  private final Random random;

  public RandomRecords(long seed) {
    this.random = new Random(seed);
  }

  /** A record of any contents. */
  public <V extends SpecificRecord> V next(Class<V> type) {
    return type.cast(record(SpecificData.get().getSchema(type)));
  }

  /** A value of a schema, as the generated classes hold it. */
  public @Nullable Object next(Schema schema) {
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      // As many bits as fit the digits in any case.
      BigInteger unscaled =
          new BigInteger(random.nextInt(decimal.getPrecision() * BITS_OF_DIGITS / DIGITS), random);
      return new BigDecimal(
          random.nextBoolean() ? unscaled : unscaled.negate(), decimal.getScale());
    }
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case UNION -> next(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
      case ENUM -> symbol(schema);
      case ARRAY -> items(schema.getElementType());
      case MAP -> entries(schema.getValueType());
      case STRING -> text();
      case BYTES -> ByteBuffer.wrap(bytes());
      case INT -> (int) number();
      case LONG -> number();
      case BOOLEAN -> random.nextBoolean();
      case NULL -> null;
      default -> throw new IllegalArgumentException("no contract uses " + schema.getType());
    };
  }

  private SpecificRecord record(Schema schema) {
    SpecificRecord record = (SpecificRecord) SpecificData.get().newRecord(null, schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.pos(), next(field.schema()));
    }
    return record;
  }

  private Object symbol(Schema schema) {
    String symbol = schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size()));
    return SpecificData.get().createEnum(symbol, schema);
  }

  private List<@Nullable Object> items(Schema element) {
    List<@Nullable Object> items = new ArrayList<>();
    for (int i = random.nextInt(MAX_ITEMS); i > 0; i--) {
      items.add(next(element));
    }
    return items;
  }

  private Map<String, @Nullable Object> entries(Schema value) {
    Map<String, @Nullable Object> entries = new HashMap<>();
    for (int i = random.nextInt(MAX_ITEMS); i > 0; i--) {
      entries.put(text() + i, next(value));
    }
    return entries;
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Small and large numbers of either sign, so that all lengths of a varint occur. */
  private long number() {
    return random.nextLong() >> random.nextInt(64);
  }
}
