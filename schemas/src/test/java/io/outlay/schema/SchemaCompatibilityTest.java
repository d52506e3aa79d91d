package io.outlay.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class SchemaCompatibilityTest {
  private static final String HELP =
      "Programs of several versions share the topics, so every version has to read what every"
          + " other one writes: give a new field a default, a new symbol an enum that has one, and"
          + " remove or rename nothing. Never edit a folder under src/test/resources/released: add"
          + " one for each release, as ReleasedSchemas says.";

  private record Pair(String version, String type, Schema released, Schema today) {
    @Override
    public String toString() {
      return version + " " + type;
    }
  }

  private static Stream<Pair> pairs() {
    return ReleasedSchemas.all().entrySet().stream()
        .flatMap(
            version ->
                version.getValue().entrySet().stream()
                    .filter(schema -> ReleasedSchemas.today().containsKey(schema.getKey()))
                    .map(
                        schema ->
                            new Pair(
                                version.getKey(),
                                schema.getKey(),
                                schema.getValue(),
                                ReleasedSchemas.today().get(schema.getKey()))));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void todaysSchemaReadsWhatTheReleasedOneWrote(Pair pair) {
    assertThat(problems(pair.today(), pair.released()))
        .as("Today's %s cannot read what %s wrote. %s", pair.type(), pair.version(), HELP)
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void theReleasedSchemaReadsWhatTodaysWrites(Pair pair) {
    assertThat(problems(pair.released(), pair.today()))
        .as("%s of %s cannot read what today's writes. %s", pair.type(), pair.version(), HELP)
        .isEmpty();
  }

  @Test
  void everyReleasedTypeStillExists() {
    assertThat(ReleasedSchemas.all()).containsKey("0.1.0");
    for (Map.Entry<String, ? extends Map<String, Schema>> version :
        ReleasedSchemas.all().entrySet()) {
      assertThat(ReleasedSchemas.today().keySet())
          .as("A type that %s wrote is gone. %s", version.getKey(), HELP)
          .containsAll(version.getValue().keySet());
    }
  }

  @Test
  void theFirstReleaseHoldsEveryType() {
    assertThat(ReleasedSchemas.all().get("0.1.0").keySet())
        .contains(
            "BudgetState",
            "CostRecord",
            "CostRollup",
            "DeadLetter",
            "Incident",
            "LedgerEntry",
            "Price",
            "Repricing",
            "Replay",
            "ScopeRollup",
            "UsageEvent");
  }

  /** So that a check that finds nothing is known to find something. */
  @Test
  void whatBreaksReadersIsFound() {
    Schema schema = Price.getClassSchema();
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    fields.add(new Schema.Field("surprise", Schema.create(Schema.Type.STRING)));
    Schema changed =
        Schema.createRecord(schema.getName(), null, schema.getNamespace(), false, fields);

    assertThat(problems(changed, schema)).hasSize(1).first().asString().contains("surprise");
    assertThat(problems(schema, changed)).isEmpty();
  }

  private static List<String> problems(Schema reader, Schema writer) {
    SchemaCompatibility.SchemaCompatibilityResult result =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    return result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE
        ? List.of()
        : result.getIncompatibilities().stream()
            .map(
                found -> found.getType() + " at " + found.getLocation() + ": " + found.getMessage())
            .toList();
  }
}
