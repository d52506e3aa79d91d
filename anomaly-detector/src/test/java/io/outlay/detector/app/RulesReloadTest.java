package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
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
