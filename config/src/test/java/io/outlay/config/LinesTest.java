package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

class LinesTest {
  @TempDir private Path folder;

  @Test
  void aKeyIsFoundWhereItStandsAndAMissingOneWhereItsGroupDoes() throws IOException {
    Path file =
        write(
            """
            # a comment
            timezone: UTC
            rules:
              - name: a
                by:
                  - team
                  - nonsense
              - {name: b,
                 window: 2d}
            """);

    assertThat(
            Lines.of(file)
                .locate(
                    List.of(
                        "timezone: wrong",
                        "rules[0].by: wrong",
                        "rules[0].by[1]: wrong",
                        "rules[1].window: wrong",
                        "rules[1].receivers: missing",
                        "unknown key rules[0].name in x",
                        "SRCFG00014: The config property outlay.rules[0].type is required",
                        "kafka.partitions: from elsewhere",
                        "something else")))
        .isEqualTo(
            """
            F:2: timezone: wrong
            F:5: rules[0].by: wrong
            F:7: rules[0].by[1]: wrong
            F:9: rules[1].window: wrong
            F:8: rules[1].receivers: missing
            F:4: unknown key rules[0].name in x
            F:4: SRCFG00014: The config property outlay.rules[0].type is required
            kafka.partitions: from elsewhere
            something else"""
                .replace("F:", file + ":"));
  }

  @Test
  void aValueOfAWrongTypeIsToldWithItsLine() throws IOException {
    Path file = write("timezone: UTC\nkafka:\n  partitions: many\n");

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .hasMessageStartingWith(file + ":3: ")
        .hasMessageContaining("many");
  }

  @Test
  void aMistypedRuleUrlSecretOrScopeIsToldWithItsOwnLine() throws IOException {
    Path file =
        write(
            """
            receivers:
              - name: oncall
                type: webhook
                url: htps://example.org/hook
                secret:
                  - whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz
                  - whsec_short
            rules:
              - name: daily
                type: spend-ratio
                window: 30m
                by:
                  - team
                  - costumer
                receivers:
                  - oncall
                  - onkall
              - name: other
                type: spend-rate
                receivers: [oncall]
            budgets:
              - name: month
                period: month
                limitUsd: 5
                thresholds:
                  - 0.5
                  - 0.4
                scope:
                  team: search
                  taem: search
            planned:
              - name: test
                from: tomorrow
                to: 2026-11-28
                scope:
                  taem: search
            """);

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .extracting(e -> e.getMessage().replace(file + ":", "").lines().toList())
        .asInstanceOf(LIST)
        .extracting(line -> String.valueOf(line).replaceFirst("^(\\d+: [^:]+):.*", "$1"))
        .containsExactly(
            "4: receivers[0].url",
            "7: receivers[0].secret[1]",
            "14: rules[0].by[1]",
            "17: rules[0].receivers[1]",
            "11: rules[0].window",
            "19: rules[1].type",
            "30: budgets[0].scope.taem",
            "27: budgets[0].thresholds[1]",
            "36: planned[0].scope.taem",
            "33: planned[0].from");
  }

  @Test
  void anAliasInsideOfWhatItNamesEnds() throws IOException {
    assertThat(Lines.of(write("a: &a\n  b: *a\n")).locate(List.of("a.b: wrong")))
        .endsWith(":2: a.b: wrong");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("outlay.yaml"), text);
  }
}
