package io.outlay.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BenchCommandTest {
  @TempDir private Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> ran = new ArrayList<>();

  @Test
  void givenList_whenExecuted_thenNamesAreListedAndNothingRuns() {
    assertThat(execute("--list")).isZero();

    assertThat(out.toString().lines().toList())
        .containsExactly("a    measures a", "bee  measures bee");
    assertThat(ran).isEmpty();
  }

  @Test
  void givenAnUnknownName_whenExecuted_thenItAndTheKnownOnesAreNamed() {
    assertThat(execute("ratings")).isEqualTo(2);

    assertThat(err.toString())
        .contains("no such benchmark: ratings")
        .contains("there are a, bee, all")
        .contains("Usage: ./outlay bench");
    assertThat(ran).isEmpty();
  }

  @Test
  void givenAnUnknownOption_whenExecuted_thenItIsNamed() {
    assertThat(execute("a", "--fast")).isEqualTo(2);

    assertThat(err.toString()).contains("--fast");
  }

  @Test
  void givenAFileThatCannotBeWritten_whenExecuted_thenItIsNamedBeforeAnythingRuns() {
    Path nowhere = temp.resolve("none/b.json");

    assertThat(execute("a", "--json", nowhere.toString())).isEqualTo(2);
    assertThat(execute("a", "--json", temp.toString())).isEqualTo(2);

    assertThat(err.toString()).contains(nowhere.toString()).contains(temp + ",");
    assertThat(ran).isEmpty();
  }

  @Test
  void givenOneName_whenExecuted_thenItAloneRuns() {
    assertThat(execute("bee", "--quick")).isZero();

    assertThat(ran).containsExactly("bee quick");
  }

  @Test
  void givenNoNameOrAll_whenExecuted_thenAllRunIntoOneTable() {
    assertThat(execute()).isZero();
    assertThat(execute("all")).isZero();

    assertThat(ran).containsExactly("a", "bee", "a", "bee");
    assertThat(out.toString().lines().limit(5).toList())
        .containsExactly(
            "benchmark  case    events/s  ns/op  CPU µs/op  B/op",
            "a          one    2,000,000  500.0      0.512    48",
            "a          other  1,000,000",
            "bee        one    2,000,000  500.0      0.512    48",
            "bee        other  1,000,000");
    assertThat(err.toString()).contains("working on a");
  }

  @Test
  void givenAFile_whenExecuted_thenItHoldsAnObjectForEachBenchmarkUnderItsName() throws Exception {
    Path file = temp.resolve("b.json");

    assertThat(execute("all", "--json", file.toString())).isZero();

    JsonNode json = new ObjectMapper().readTree(Files.readString(file));
    assertThat(json.fieldNames()).toIterable().containsExactly("a", "bee");
    JsonNode a = json.get("a");
    assertThat(a.get("eventsPerSecond").isNumber()).isTrue();
    assertThat(a.get("eventsPerSecond").asLong()).isEqualTo(2_000_000);
    assertThat(a.get("cpuMicrosPerEvent").asText()).isEqualTo("0.512");
    assertThat(a.get("allocatedBytesPerEvent").asLong()).isEqualTo(48);
    assertThat(a.get("case").asText()).isEqualTo("one");
    assertThat(a.at("/cases/other/eventsPerSecond").asLong()).isEqualTo(1_000_000);
    assertThat(a.at("/cases/other").has("cpuMicrosPerEvent")).isFalse();
    assertThat(a.at("/machine/processors").asInt()).isPositive();
    assertThat(a.at("/machine/java").asText()).isNotEmpty();
  }

  @Test
  void givenABenchmarkThatFails_whenExecuted_thenItSaysWhyAndNoFileIsWritten() {
    Path file = temp.resolve("b.json");
    Benchmark broken =
        new Benchmark() {
          @Override
          public String name() {
            return "broken";
          }

          @Override
          public String description() {
            return "";
          }

          @Override
          public Figures run(boolean quick, Progress progress) {
            throw new BenchmarkFailedException("broken: should cost 3, was 4");
          }
        };

    assertThat(execute(List.of(broken), "broken", "--json", file.toString())).isEqualTo(1);

    assertThat(err.toString()).contains("outlay: broken: should cost 3, was 4");
    assertThat(file).doesNotExist();
  }

  @Test
  void givenTheProgram_whenAsked_thenTheseAreItsBenchmarks() {
    assertThat(Main.benchmarks())
        .extracting(Benchmark::name)
        .containsExactly(
            "rating",
            "codec",
            "dedupe",
            "rowbinary",
            "detection",
            "topology",
            "drain",
            "scale",
            "steady");
  }

  @Test
  void givenFiguresWithoutMeaning_whenMade_thenTheyAreRefused() {
    assertThatThrownBy(() -> new Figures("two", List.of(new Figures.Case("one", Map.of()))))
        .hasMessageContaining("two")
        .hasMessageContaining("one");
    assertThatThrownBy(() -> new Figures.Case("one", Map.of(Metric.NANOS_PER_EVENT, Double.NaN)))
        .hasMessageContaining("nanosPerEvent")
        .hasMessageContaining("NaN");
  }

  private int execute(String... args) {
    return execute(List.of(benchmark("a"), benchmark("bee")), args);
  }

  private int execute(List<Benchmark> benchmarks, String... args) {
    CommandLine command = BenchCommand.commandLine(benchmarks, false);
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(args);
  }

  private Benchmark benchmark(String name) {
    return new Benchmark() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return "measures " + name;
      }

      @Override
      public Figures run(boolean quick, Progress progress) {
        ran.add(name + (quick ? " quick" : ""));
        progress.step("working on " + name);
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.EVENTS_PER_SECOND, 2e6);
        values.put(Metric.NANOS_PER_EVENT, 500.0);
        values.put(Metric.CPU_MICROS_PER_EVENT, 0.512);
        values.put(Metric.ALLOCATED_BYTES_PER_EVENT, 48.0);
        return new Figures(
            "one",
            List.of(
                new Figures.Case("one", values),
                new Figures.Case("other", Map.of(Metric.EVENTS_PER_SECOND, 1e6))));
      }
    };
  }
}
