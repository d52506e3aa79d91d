package io.outlay.streams.reprice.store;

import io.outlay.schema.RepricingFilter;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConditionsTest {
  @Test
  void givenNothing_thenThereIsNoCondition() {
    Conditions conditions = Conditions.of(RepricingFilter.newBuilder().build());

    assertThat(conditions.where()).isEmpty();
    assertThat(conditions.parameters()).isEmpty();
  }

  @Test
  void givenEverything_thenEachIsACondition_andNoValueStandsInTheText() {
    Conditions conditions =
        Conditions.of(
            RepricingFilter.newBuilder()
                .setType("io.outlay.*")
                .setProvider("a'b")
                .setModel("m*")
                .setTeam("t")
                .setCustomer("c")
                .setUnpricedOnly(true)
                .setFromMicros(1L)
                .setToMicros(2L)
                .build());

    assertThat(conditions.where())
        .isEqualTo(
            " WHERE (startsWith(type, {type:String})) AND (provider = {provider:String})"
                + " AND (startsWith(model, {model:String}) OR startsWith(baseline_model,"
                + " {model:String}) OR startsWith(gpu_model, {model:String}) OR"
                + " startsWith(instance_type, {model:String})) AND (team = {team:String})"
                + " AND (customer = {customer:String}) AND pricing_status = 'UNPRICED'"
                + " AND event_time >= fromUnixTimestamp64Micro({fromTime:Int64})"
                + " AND event_time < fromUnixTimestamp64Micro({toTime:Int64})");
    assertThat(conditions.parameters())
        .isEqualTo(
            Map.of(
                "type", "io.outlay.",
                "provider", "a'b",
                "model", "m",
                "team", "t",
                "customer", "c",
                "fromTime", 1L,
                "toTime", 2L));
  }
}
