package io.outlay.streams.reprice.store;

import io.outlay.schema.CostRollup;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FactSumsTest {
  @Test
  void everySumOfTheSchemaIsMadeAnewToo() {
    List<Schema.Field> fields = CostRollup.getClassSchema().getFields();
    List<String> sums = new ArrayList<>();
    for (Schema.Field field :
        fields.subList(CostRollup.getClassSchema().getField("events").pos(), fields.size())) {
      if (!field.name().equals("revision") && !field.name().equals("lastEventMicros")) {
        sums.add(field.name());
      }
    }

    assertThat(FactSums.fields()).containsExactlyElementsOf(sums);
  }
}
