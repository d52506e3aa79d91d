package io.outlay.collectors.pull;

import io.outlay.collectors.pull.PrometheusText.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class PrometheusTextTest {
  private final List<Sample> samples = new ArrayList<>();
  private final List<String> malformed = new ArrayList<>();

  @Test
  void givenAllThatTheFormatAllows_thenRead() {
    read(
        "# HELP a b\n\n# TYPE a gauge\r\n"
            + "a 1\r\n"
            + "a{} 2 1795226400000\n"
            + " a_b:c { x = \"1\" , y=\"\" , } +Inf\n"
            + "a{x=\"q\\\"b\\\\n\\nz\\t,}\"}\t-1.5e-3 -7\n"
            + "a NaN");

    assertThat(malformed).isEmpty();
    assertThat(samples)
        .containsExactly(
            new Sample("a", Map.of(), "1", 4),
            new Sample("a", Map.of(), "2", 5),
            new Sample("a_b:c", Map.of("x", "1"), "+Inf", 6),
            new Sample("a", Map.of("x", "q\"b\\n\nz\\t,}"), "-1.5e-3", 7),
            new Sample("a", Map.of(), "NaN", 8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "<html>|must have the name of a metric, had \"<html>\" there",
        "a|the value must be a number, was \"\"",
        "a x|the value must be a number, was \"x\"",
        "a 0x10|the value must be a number, was \"0x10\"",
        "a 1e99999999|the value must be a number, was \"1e99999999\"",
        "a 1 2 3|only a timestamp may follow the value, was \"2\"",
        "a 1 # {x=\"y\"} 1|only a timestamp may follow the value, was \"#\"",
        "a{x=\"1|must have a closing quote, had its end there",
        "a{x=1} 1|must have \", had \"1} 1\" there",
        "a{x=\"1\" y=\"2\"} 1|must have , or }, had \"y=\"2\"} 1\" there",
        "a{x=\"1\",x=\"2\"} 1|the label x is there twice",
        "a{1x=\"1\"} 1|must have the name of a label, had \"=\"1\"} 1\" there",
        "a{|must have a label or }, had its end there",
      })
  void givenMalformedLine_thenNamedAndTheOthersAreRead(String line, String error) {
    read("before 1\n" + line + "\nafter 2\n");

    assertThat(malformed).containsExactly("2: " + error);
    assertThat(samples).extracting(Sample::name).containsExactly("before", "after");
  }

  private void read(String text) {
    PrometheusText.read(text, samples::add, (line, error) -> malformed.add(line + ": " + error));
  }
}
