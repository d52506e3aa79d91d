package io.outlay.embedded.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class OutlayCommandTest {
  @TempDir private Path temp;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void nameTheRoot() {
    System.setProperty("launcher.root", temp.toString());
  }

  @AfterEach
  void forgetTheRoot() {
    System.clearProperty("launcher.root");
  }

  @Test
  void givenAnUnknownCommand_whenExecuted_thenItAndTheKnownOnesAreNamed() {
    assertThat(execute("frobnicate")).isEqualTo(2);

    assertThat(errors())
        .contains("no such command: frobnicate")
        .contains(
            "up, down, status, logs, sql, prices, reprice, replay, audit, alert-test, backtest, demo,"
                + " help, bench, test");
  }

  @Test
  void givenAnUnknownOption_whenExecuted_thenItIsNamed() {
    assertThat(execute("up", "--fast")).isEqualTo(2);

    assertThat(errors()).contains("--fast").contains("Usage:");
  }

  @Test
  void givenAnUnknownKey_whenUp_thenItIsNamed() throws Exception {
    Path config = Files.writeString(temp.resolve("c.yaml"), "colectors:\n  port: 1\n");

    assertThat(execute("up", "--config", config.toString())).isEqualTo(2);

    assertThat(errors()).contains("colectors.port").contains("c.yaml");
  }

  @Test
  void givenAFileThatIsNotThere_whenUp_thenItIsNamed() {
    assertThat(execute("up", "--config", temp.resolve("none.yaml").toString())).isEqualTo(2);

    assertThat(errors()).contains("none.yaml");
  }

  @Test
  void givenNothingIsBuilt_whenUp_thenWhatIsMissingIsNamed() {
    assertThat(execute("up")).isEqualTo(2);

    assertThat(errors()).contains("not built").contains("collectors/target");
    assertThat(temp.resolve(".outlay")).doesNotExist();
  }

  @Test
  void givenNothingRuns_whenAskedOrStopped_thenTheExitCodesSaySo() {
    assertThat(execute("status")).isEqualTo(3);
    assertThat(execute("down")).isZero();
    assertThat(temp.resolve(".outlay")).doesNotExist();
  }

  @Test
  void givenNothingRuns_whenAudited_thenTheSinkIsNamed() {
    assertThat(execute("audit")).isNotZero();

    assertThat(errors()).contains("clickhouse-sink").contains("is it running?");
  }

  @Test
  void givenAPartThatDoesNotExist_whenLogs_thenTheKnownOnesAreNamed() {
    assertThat(execute("logs", "zookeeper")).isEqualTo(2);

    assertThat(errors()).contains("zookeeper").contains("clickhouse-sink");
  }

  @Test
  void givenAMistypedRuleOrTime_whenBacktested_thenItIsNamed() throws Exception {
    Path rules =
        Files.writeString(
            temp.resolve("r.yaml"),
            """
            receivers:
              - {name: o, type: webhook, url: "http://h/x",
                 secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz}
            rules:
              - {name: daily, type: spend-ratio, threshold: 0.5, receivers: [o]}
            """);
    String file = rules.toString();

    assertThat(execute("backtest", "--rule", file, "--from", "2026-11-01", "--to", "2026-11-02"))
        .isEqualTo(2);
    assertThat(errors()).contains("r.yaml:5: rules[0].threshold: must be > 1, was 0.5");

    Files.writeString(rules, Files.readString(rules).replace("0.5", "1.5"));
    assertThat(execute("backtest", "--rule", file, "--from", "soon", "--to", "2026-11-02"))
        .isEqualTo(2);
    assertThat(errors()).contains("--from must be a date or an instant").contains("was soon");
    assertThat(
            execute(
                "backtest",
                "--rule",
                file,
                "--from",
                "2026-11-01",
                "--to",
                "2026-11-02",
                "--labels",
                temp.resolve("none.csv").toString()))
        .isEqualTo(2);
    assertThat(errors()).contains("--labels: cannot read").contains("none.csv");
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private int execute(String... args) {
    // Closed ports: whatever may run on this machine is not asked.
    Map<String, String> environment =
        Map.of(
            "OUTLAY_KAFKA_BOOTSTRAPSERVERS",
            "127.0.0.1:9",
            "OUTLAY_SINK_PORT",
            "9",
            "OUTLAY_DATA",
            temp.resolve(".outlay").toString());
    return OutlayCommand.commandLine(environment, new Output(out, err)).execute(args);
  }
}
