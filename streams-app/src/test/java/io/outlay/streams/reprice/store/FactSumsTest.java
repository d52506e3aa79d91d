package io.outlay.streams.reprice.store;

import io.outlay.schema.CostRollup;
import io.outlay.schema.ScopeRollup;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class FactSumsTest {
  private static List<Schema> schemas() {
    return List.of(CostRollup.getClassSchema(), ScopeRollup.getClassSchema());
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void everySumOfTheSchemaIsMadeAnewToo(Schema schema) {
    List<Schema.Field> fields = schema.getFields();
    List<String> sums = new ArrayList<>();
    for (Schema.Field field : fields.subList(schema.getField("events").pos(), fields.size())) {
      if (!field.name().equals("revision") && !field.name().equals("lastEventMicros")) {
        sums.add(field.name());
      }
    }

    assertThat(FactSums.fields()).containsExactlyElementsOf(sums);
  }
}
