package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.rule.PlannedRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class RulesReloadTest {
  private static final String FILE =
      """
      timezone: UTC
      receivers:
        - {name: oncall, type: webhook, url: "https://example.org/hook",
           secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
      rules:
        - {name: daily-spend, type: spend-ratio, threshold: 1.2, receivers: [oncall]}
      """;

  @TempDir private Path scratch;
  private Path file;
  private final List<Settings> taken = new ArrayList<>();
  private RulesReload reload;

  @BeforeEach
  void begin() throws IOException {
    file = scratch.resolve("outlay.yaml");
    Files.writeString(file, FILE);
    reload =
        new RulesReload(
            file,
            Settings.of(ConfigChecks.load(file, Map.of())),
            taken::add,
            Map.of(),
            Clock.systemUTC());
  }

  @AfterEach
  void end() {
    reload.close();
  }

  private RulesReload.State write(String text) throws IOException {
    Files.writeString(file, text);
    reload.look();
    return reload.state();
  }

  @Test
  void givenAnotherThresholdWhenLookedThenTakenOnce() throws IOException {
    reload.look();
    assertThat(taken).isEmpty();

    RulesReload.State state = write(FILE.replace("threshold: 1.2", "threshold: 1.25"));
    assertThat(state.isValid()).isTrue();
    assertThat(state.needRestart()).isEmpty();
    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).rules().get(0).terms().threshold()).isEqualByComparingTo("1.25");
    reload.look();
    reload.reload();
    assertThat(taken).hasSize(1);
  }

  @Test
  void givenAFaultWhenLookedThenTheRulesStayAndTheKeyIsNamedUntilItIsMended() throws IOException {
    RulesReload.State state = write(FILE.replace("threshold: 1.2", "threshold: 0.2"));
    assertThat(state.isValid()).isFalse();
    assertThat(state.problems()).singleElement().asString().contains("rules[0].threshold", "0.2");
    assertThat(taken).isEmpty();

    assertThat(write(FILE.replace("threshold", "treshold")).problems())
        .singleElement()
        .asString()
        .contains("rules[0].treshold");
    assertThat(write("rules: [").problems()).singleElement().asString().contains("is not YAML");
    Files.delete(file);
    reload.look();
    assertThat(reload.state().problems()).singleElement().asString().contains("cannot read");

    assertThat(write(FILE).isValid()).isTrue();
    assertThat(taken).isEmpty();
    assertThat(write(FILE.replace("1.2", "1.30")).isValid()).isTrue();
    assertThat(taken).hasSize(1);
  }

  @Test
  void givenOtherPlannedTimesWhenLookedThenTheRulesAreTakenWithThem() throws IOException {
    RulesReload.State state =
        write(
            FILE
                + """
                planned:
                  - {name: load test, from: "2026-11-27T08:00:00Z", to: "2026-11-27T12:00:00Z"}
                """);

    assertThat(state.isValid()).isTrue();
    assertThat(state.needRestart()).isEmpty();
    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).rules()).singleElement().isInstanceOf(PlannedRule.class);

    assertThat(write(FILE).isValid()).isTrue();
    assertThat(taken).hasSize(2);
    assertThat(taken.get(1).rules()).singleElement().isNotInstanceOf(PlannedRule.class);

    assertThat(write(FILE + "planned:\n  - {name: a, from: x, to: 2026-11-27}\n").problems())
        .singleElement()
        .asString()
        .contains(":8: planned[0].from: must be an instant");
    assertThat(taken).hasSize(2);
  }

  @Test
  void givenOtherBudgetsWhenLookedThenTheyAreTakenAndAFaultKeepsTheOldOnes() throws IOException {
    String budget =
        "budgets:\n  - {name: search, scope: {team: search}, period: month, limitUsd: 100,"
            + " receivers: [oncall]}\n";
    assertThat(write(FILE + budget).isValid()).isTrue();
    assertThat(reload.state().needRestart()).isEmpty();
    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).budgets()).extracting(Budget::name).containsExactly("search");

    assertThat(write(FILE + budget.replace("month", "moon")).problems())
        .containsExactly(
            file + ":8: budgets[0].period: must be day, week, month or quarter, was moon");
    assertThat(write(FILE + budget.replace("[oncall]", "[onkall]")).problems())
        .containsExactly(file + ":8: budgets[0].receivers[0]: no receiver is named onkall");
    assertThat(taken).hasSize(1);

    assertThat(write(FILE + budget.replace("100", "200")).isValid()).isTrue();
    assertThat(taken).hasSize(2);
    assertThat(taken.get(1).budgets().get(0).limitUsd()).isEqualByComparingTo("200");
    assertThat(write(FILE).isValid()).isTrue();
    assertThat(taken.get(2).budgets()).isEmpty();
  }

  @Test
  void givenABudgetForAReceiverThatIsNotThereYetWhenLookedThenItIsRefused() throws IOException {
    String second =
        FILE.replace(
            "rules:",
            """
              - {name: second, type: slack, url: "https://example.org/hook"}
            rules:""");

    assertThat(
            write(
                    second
                        + "budgets:\n  - {name: b, period: day, limitUsd: 1, receivers: [second]}\n")
                .problems())
        .containsExactly("budgets[0].receivers: second is a receiver from the next start on only");
    assertThat(taken).isEmpty();
  }

  @Test
  void givenScopesThatNobodyAddsUpYetWhenLookedThenTheyAreTakenAndSaidToNeedARestart()
      throws IOException {
    RulesReload.State state =
        write(
            FILE.replace("threshold: 1.2", "threshold: 1.2, by: [team, team+model, customer]")
                + "budgets:\n  - {name: b, scope: {tags.tier: gold}, period: day, limitUsd: 1}\n");

    assertThat(state.isValid()).isTrue();
    assertThat(state.needRestart()).containsExactly("budgets[0].scope", "rules[0].by[2]");
    assertThat(taken).hasSize(1);
  }

  @Test
  void givenOtherKeysWhenLookedThenTheyNeedARestartAndTheRulesAreTaken() throws IOException {
    RulesReload.State state =
        write(
            FILE.replace("example.org", "example.com").replace("1.2", "1.30")
                + "detector: {maxAge: 2h}\nsink: {batchRows: 5}\n");
    assertThat(state.isValid()).isTrue();
    assertThat(state.needRestart()).containsExactly("detector.maxAge", "receivers[0].url");
    assertThat(taken).hasSize(1);
    assertThat(write(FILE).needRestart()).isEmpty();
  }

  @Test
  void givenWhatRulesNeedIsNotThereYetWhenLookedThenTheRulesStay() throws IOException {
    String second =
        FILE.replace(
            "rules:",
            """
              - {name: second, type: webhook, url: "https://example.org/hook",
                 secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
            rules:""");
    assertThat(write(second.replace("[oncall]", "[oncall, second]")).problems())
        .containsExactly("rules[0].receivers: second is a receiver from the next start on only");
    assertThat(write(FILE.replace("UTC", "Europe/Berlin")).problems())
        .containsExactly("timezone: is changed by a restart only, was Europe/Berlin");
    assertThat(taken).isEmpty();
  }

  @Test
  void givenNoFileWhenReloadedThenNothing() {
    try (RulesReload none =
        new RulesReload(
            null,
            Settings.of(ConfigChecks.load(null, Map.of())),
            taken::add,
            Map.of(),
            Clock.systemUTC())) {
      assertThat(none.reload().isValid()).isTrue();
      none.look();
      assertThat(taken).isEmpty();
    }
  }
}
