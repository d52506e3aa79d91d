package io.outlay.schema;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SchemaDocsTest {
  private final Set<String> seen = new HashSet<>();
  private final Set<String> bare = new TreeSet<>();
  private final Set<String> unitless = new TreeSet<>();

  @Test
  void everyTypeAndEveryFieldSaysWhatItHolds() {
    ReleasedSchemas.today().values().forEach(this::visit);

    assertThat(seen).hasSizeGreaterThan(20).contains("io.outlay.schema.TokenCounts");
    assertThat(bare)
        .as(
            "These have no doc. Write a /** comment */ before each in src/main/avro: what it holds,"
                + " in which unit, within which bounds; the registry shows it to everyone who"
                + " reads the topic.")
        .isEmpty();
    assertThat(unitless)
        .as("These are times or amounts whose doc names no unit; add it in src/main/avro.")
        .isEmpty();
  }

  private void visit(Schema schema) {
    switch (schema.getType()) {
      case UNION -> schema.getTypes().forEach(this::visit);
      case ARRAY -> visit(schema.getElementType());
      case MAP -> visit(schema.getValueType());
      case ENUM, FIXED, RECORD -> named(schema);
      default -> {
        // says nothing beyond its field
      }
    }
  }

  private void named(Schema schema) {
    if (!seen.add(schema.getFullName())) {
      return;
    }
    if (isBlank(schema.getDoc())) {
      bare.add(schema.getFullName());
    }
    if (schema.getType() == Schema.Type.RECORD) {
      for (Schema.Field field : schema.getFields()) {
        String name = schema.getName() + "." + field.name();
        if (isBlank(field.doc())) {
          bare.add(name);
        } else if (lacksUnit(field)) {
          unitless.add(name);
        }
        visit(field.schema());
      }
    }
  }

  private static boolean lacksUnit(Schema.Field field) {
    String doc = field.doc().toLowerCase(Locale.ROOT);
    String name = field.name();
    if (name.endsWith("Micros")) {
      return !doc.contains("microseconds");
    }
    if (name.endsWith("Millis") || name.endsWith("Ms")) {
      return !doc.contains("milliseconds");
    }
    if (name.endsWith("Millionths")) {
      return !doc.contains("millionths");
    }
    if (name.endsWith("Pico")) {
      return !doc.contains("pico-usd") && !doc.contains("10^-12");
    }
    return name.endsWith("Usd") && !doc.contains("usd");
  }

  private static boolean isBlank(String doc) {
    return doc == null || doc.isBlank();
  }
}
