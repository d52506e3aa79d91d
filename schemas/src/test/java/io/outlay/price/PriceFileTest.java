package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.io.StringReader;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class PriceFileTest {
  private static final String FORMAT = "format: outlay-prices/1\n";
  private static final String MODELS = FORMAT + "models:\n";

  @Test
  void aFileIsReadWhole() {
    List<Price> prices =
        read(
            """
            models:
              - provider: openai
                model: o3
                from: 2025-06-10
                to: 2026-01-01T12:00:00.000001Z
                rates: {output: 8, input: "2", cacheRead: 0.5}
                above:
                  - {inputTokens: 300000, rates: {input: 6}}
                  - {inputTokens: 200000, rates: {input: 4}}
            currency: USD
            format: outlay-prices/1
            asOf: 2026-08-31
            """,
            "mine");

    assertThat(prices)
        .containsExactly(
            new Price(
                "openai/o3@2025-06-10",
                1,
                PriceKind.MODEL,
                "openai",
                "o3",
                "",
                micros("2025-06-10T00:00:00Z"),
                micros("2026-01-01T12:00:00Z") + 1,
                List.of(
                    new RateCard(
                        0L,
                        "",
                        List.of(
                            new Rate(Meter.INPUT_TOKENS, 2_000_000_000_000L),
                            new Rate(Meter.CACHE_READ_TOKENS, 500_000_000_000L),
                            new Rate(Meter.OUTPUT_TOKENS, 8_000_000_000_000L))),
                    new RateCard(
                        200_000L, "", List.of(new Rate(Meter.INPUT_TOKENS, 4_000_000_000_000L))),
                    new RateCard(
                        300_000L, "", List.of(new Rate(Meter.INPUT_TOKENS, 6_000_000_000_000L)))),
                "USD",
                "mine",
                "2026-08-31"));
  }

  @Test
  void everyRateOfAModelHasItsMeter() {
    Price price =
        models(
                "- {provider: p, model: m, rates: {input: 1, cacheRead: 2, cacheWrite5m: 3,"
                    + " cacheWrite1h: 4, output: 5, reasoning: 6, inputAudio: 7, outputAudio: 8,"
                    + " inputImage: 9, outputImage: 10, requests: 11, webSearches: 12}}")
            .get(0);

    assertThat(price.getCards().get(0).getRates())
        .extracting(rate -> rate.getMeter() + " " + rate.getAmountPico() / 1_000_000_000_000L)
        .containsExactly(
            "INPUT_TOKENS 1",
            "CACHE_READ_TOKENS 2",
            "CACHE_WRITE_5M_TOKENS 3",
            "CACHE_WRITE_1H_TOKENS 4",
            "OUTPUT_TOKENS 5",
            "REASONING_TOKENS 6",
            "INPUT_AUDIO_TOKENS 7",
            "OUTPUT_AUDIO_TOKENS 8",
            "INPUT_IMAGE_TOKENS 9",
            "OUTPUT_IMAGE_TOKENS 10",
            "REQUESTS 11",
            "WEB_SEARCHES 12");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "models: [{provider: p, model: m, rates: {input: 1}}] | p/m",
        "gpus: [{gpuModel: L4, purchaseOption: spot, rates: {hour: 1}}] | gpu:any/L4/spot",
        "gpus: [{gpuModel: L4, cloud: gcp, purchaseOption: reserved, rates: {hour: 1}}]"
            + " | gpu:gcp/L4/reserved",
        "compute: [{instanceType: c7, cloud: aws, purchaseOption: on_demand, rates: {hour: 1}}]"
            + " | compute:aws/c7/on_demand",
        "compute: [{purchaseOption: on_demand, rates: {cpuHour: 1, memoryGbHour: 1}}]"
            + " | compute:any/any/on_demand",
        "storage: [{tier: hot, rates: {gbMonth: 1}}] | storage:any/hot",
        "moves: [{fromTier: hot, toTier: cold, rates: {gb: 1}}] | storage_move:any/hot>cold",
        "network: [{cloud: aws, path: cdn, rates: {gb: 1}}] | network:aws/cdn",
        "models: [{provider: p, model: m, from: 2026-01-01T06:00:00Z, rates: {input: 1}}]"
            + " | p/m@2026-01-01T06:00:00Z",
      })
  void theIdNamesSubjectAndStart(String section, String id) {
    assertThat(read(FORMAT + section, "")).extracting(Price::getId).containsExactly(id);
  }

  @Test
  void zeroIsFreeAndTheLargestAmountFits() {
    assertThat(
            models(
                "- {provider: p, model: a, rates: {input: 0}}",
                "- {provider: p, model: b, rates: {input: 0.000000000001}}",
                "- {provider: p, model: c, rates: {input: 999999.999999999999}}"))
        .extracting(price -> price.getCards().get(0).getRates().get(0).getAmountPico())
        .containsExactly(0L, 1L, 999_999_999_999_999_999L);
  }

  @Test
  void amountsThatNoBinaryFractionHoldsStayExact() {
    assertThat(
            models("- {provider: p, model: a, rates: {input: 0.1, output: 4503.599627370497}}")
                .get(0)
                .getCards()
                .get(0)
                .getRates())
        .extracting(Rate::getAmountPico)
        .containsExactly(100_000_000_000L, 4_503_599_627_370_497L);
  }

  @Test
  void eachPriceEndsWhereTheNextBegins() {
    List<Price> prices =
        models(
            "- {provider: p, model: m, from: 2026-03-01, rates: {input: 3}}",
            "- {provider: p, model: m, rates: {input: 1}}",
            "- {provider: p, model: m, from: 2026-02-01, to: 2026-02-15, rates: {input: 2}}",
            "- {provider: p, model: other, from: 2026-02-10, rates: {input: 2}}");

    assertThat(prices)
        .extracting(Price::getId, Price::getValidFromMicros, Price::getValidToMicros)
        .containsExactly(
            tuple("p/m", null, micros("2026-02-01T00:00:00Z")),
            tuple("p/m@2026-02-01", micros("2026-02-01T00:00:00Z"), micros("2026-02-15T00:00:00Z")),
            tuple("p/m@2026-03-01", micros("2026-03-01T00:00:00Z"), null),
            tuple("p/other@2026-02-10", micros("2026-02-10T00:00:00Z"), null));
  }

  @Test
  void aPriceMayEndWhereTheNextBegins() {
    List<Price> prices =
        models(
            "- {provider: p, model: m, to: 2026-02-01, rates: {input: 1}}",
            "- {provider: p, model: m, from: 2026-02-01, rates: {input: 2}}");

    assertThat(prices).hasSize(2);
    assertThat(prices.get(0).getValidToMicros()).isEqualTo(prices.get(1).getValidFromMicros());
  }

  @Test
  void aFileWithoutPricesHasNone() {
    assertThat(read(FORMAT, "")).isEmpty();
    assertThat(read(FORMAT + "models: []\n", "")).isEmpty();
  }

  private static Stream<Arguments> faults() {
    return Stream.of(
        // The file as a whole
        arguments("", 1, "the file is empty"),
        arguments("# nothing but a comment\n", 1, "the file is empty"),
        arguments("just words", 1, "must be a mapping of keys to values"),
        arguments("- a\n", 1, "must be a mapping of keys to values"),
        arguments("models: []\n", 1, "format is required: outlay-prices/1"),
        arguments(
            "\nformat: outlay-prices/2\n",
            2,
            "format must be outlay-prices/1, was outlay-prices/2"),
        arguments(FORMAT + "currency: EUR\n", 2, "currency must be USD, was EUR"),
        arguments(FORMAT + "asOf: yesterday\n", 2, "asOf must be a date, was yesterday"),
        arguments(FORMAT + "asOf: 2026-02-30\n", 2, "asOf must be a date, was 2026-02-30"),
        arguments(FORMAT + "format: x\n", 2, "key format stands twice"),
        arguments(FORMAT + "modells:\n  - {provider: p}\n", 2, "unknown key modells"),
        arguments(FORMAT + "models: none\n", 2, "must be a list"),
        arguments(FORMAT + "models: {a: b}\n", 2, "must be a list"),
        arguments(FORMAT + "? [a]\n: b\n", 2, "must be a single value"),
        // Not YAML
        arguments(FORMAT + "models: [\n", 3, "is not YAML: "),
        arguments(FORMAT + "models:\n\t- a\n", 3, "is not YAML: "),
        arguments(FORMAT + "models: *nothing\n", 2, "is not YAML: found undefined alias nothing"),
        arguments(FORMAT + "---\n" + FORMAT, 2, "is not YAML: "),
        arguments("PK\u0003\u0004\u0000", 0, "is not YAML: "),
        // An entry
        arguments(MODELS + "  - x\n", 3, "must be a mapping of keys to values"),
        arguments(
            MODELS + "  - {provider: p, rates: {input: 1}}\n", 3, "models: model is required"),
        arguments(
            MODELS + "  - {provider: '', model: m, rates: {input: 1}}\n",
            3,
            "models: provider is required"),
        arguments(
            MODELS + "  - provider: p\n    model: m\n    note:\n      - x\n",
            5,
            "unknown key note in models"),
        arguments(
            MODELS + "  - {provider: p, model: m, cloud: aws, rates: {input: 1}}\n",
            3,
            "unknown key cloud in models"),
        arguments(
            MODELS + "  - {provider: p, model: m, model: n, rates: {input: 1}}\n",
            3,
            "key model stands twice"),
        arguments(
            MODELS + "  - {provider: [p], model: m, rates: {input: 1}}\n",
            3,
            "must be a single value"),
        arguments(
            FORMAT + "gpus:\n  - {gpuModel: L4, purchaseOption: on-demand, rates: {hour: 1}}\n",
            3,
            "purchaseOption must be on_demand, spot or reserved, was on-demand"),
        arguments(
            FORMAT + "gpus:\n  - {gpuModel: L4, rates: {hour: 1}}\n",
            3,
            "gpus: purchaseOption is required"),
        // Rates
        arguments(model(""), 3, "models: rates is required"),
        arguments(model(", rates: {}"), 3, "rates must not be empty"),
        arguments(model(", rates: 3"), 3, "must be a mapping of keys to values"),
        arguments(
            model(", rates: {inputs: 3}"),
            3,
            "unknown rate inputs in models, known are cacheRead, cacheWrite1h, cacheWrite5m, input,"
                + " inputAudio, inputImage, output, outputAudio, outputImage, reasoning, requests,"
                + " webSearches"),
        arguments(
            FORMAT + "network:\n  - {path: cdn, rates: {hour: 1}}\n",
            3,
            "unknown rate hour in network, known are gb"),
        arguments(model(", rates: {input: 1, input: 1}"), 3, "key input stands twice"),
        arguments(model(", rates: {input: -0.5}"), 3, "input must be >= 0, was -0.5"),
        arguments(model(", rates: {input: cheap}"), 3, "input must be a decimal number, was cheap"),
        arguments(model(", rates: {input: }"), 3, "input must be a decimal number, was "),
        arguments(model(", rates: {input: .nan}"), 3, "input must be a decimal number, was .nan"),
        arguments(
            model(", rates: {input: 0.0000000000001}"),
            3,
            "input must have at most 12 decimals and be below 1000000, was 0.0000000000001"),
        arguments(
            model(", rates: {input: 1000000}"),
            3,
            "input must have at most 12 decimals and be below 1000000, was 1000000"),
        arguments(
            model(", rates: {input: 1e999999999}"),
            3,
            "input must have at most 12 decimals and be below 1000000, was 1e999999999"),
        // Cards
        arguments(model(", rates: {input: 1}, above: {}"), 3, "must be a list"),
        arguments(
            model(", rates: {input: 1}, above: [{rates: {input: 1}}]"),
            3,
            "above wants inputTokens and rates, no more"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 5, rates: {input: 1}, tier: x}]"),
            3,
            "above wants inputTokens and rates, no more"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 5, tier: x}]"),
            3,
            "models: rates is required"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 0, rates: {input: 1}}]"),
            3,
            "inputTokens must be a whole number > 0, was 0"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 200k, rates: {input: 1}}]"),
            3,
            "inputTokens must be a whole number > 0, was 200k"),
        arguments(
            model(
                ", rates: {input: 1}, above: [{inputTokens: 5, rates: {input: 1}},"
                    + " {inputTokens: 5, rates: {input: 2}}]"),
            3,
            "a second card above 5 inputTokens"),
        arguments(
            FORMAT + "storage:\n  - {tier: hot, above: [], rates: {gbMonth: 1}}\n",
            3,
            "unknown key above in storage"),
        // Validity
        arguments(
            model(", from: June, rates: {input: 1}"),
            3,
            "from must be a date such as 2026-11-21 or an instant such as 2026-11-21T02:00:00Z, was"
                + " June"),
        arguments(
            model(", to: 2026-02-30, rates: {input: 1}"),
            3,
            "to must be a date such as 2026-11-21 or an instant such as 2026-11-21T02:00:00Z, was"
                + " 2026-02-30"),
        arguments(
            model(", to: '+999999999-01-01T00:00:00Z', rates: {input: 1}"),
            3,
            "to must be a date such as 2026-11-21 or an instant such as 2026-11-21T02:00:00Z, was"
                + " +999999999-01-01T00:00:00Z"),
        arguments(
            model(", from: 2026-02-01, to: 2026-02-01, rates: {input: 1}"),
            3,
            "p/m@2026-02-01 ends before it starts"),
        arguments(
            model(", rates: {input: 1}") + "  - {provider: p, model: m, rates: {input: 2}}\n",
            4,
            "a second price for p/m"),
        arguments(
            model(", from: 2026-02-01, rates: {input: 1}")
                + "  - {provider: p, model: m, from: 2026-02-01T00:00:00Z, rates: {input: 2}}\n",
            4,
            "a second price for p/m@2026-02-01T00:00:00Z"),
        arguments(
            model(", to: 2026-02-02, rates: {input: 1}")
                + "  - {provider: p, model: m, from: 2026-02-01, rates: {input: 2}}\n",
            4,
            "p/m@2026-02-01 overlaps p/m, which ends later"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsToldWithItsLine(String text, int line, String message) {
    PriceFileException fault =
        catchThrowableOfType(PriceFileException.class, () -> read(text, "mine"));

    assertThat(fault).as("the fault of: %s", text).isNotNull();
    assertThat(fault.getMessage())
        .startsWith(line == 0 ? message : "line " + line + ": " + message);
    if (!message.endsWith(": ")) {
      assertThat(fault.getMessage()).endsWith(message);
    }
    assertThat(fault.line()).isEqualTo(line);
  }

  @Test
  void aliasesThatMultiplyAreRefused() {
    StringBuilder bomb = new StringBuilder(FORMAT).append("a0: &a0 [x]\n");
    for (int i = 1; i < 10; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
    }

    assertThatThrownBy(() -> read(bomb.toString(), ""))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining("aliases");
  }

  @Test
  void aListThatHoldsItselfIsRefused() {
    assertThatThrownBy(() -> read(FORMAT + "models: &a [*a]\n", ""))
        .isInstanceOf(PriceFileException.class);
  }

  @Test
  void nestingWithoutEndIsRefused() {
    assertThatThrownBy(() -> read(FORMAT + "models: " + "[".repeat(100_000), ""))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining("is not YAML");
  }

  @Test
  void aFileOfManyMegabytesIsRefused() {
    String entry =
        "  - {provider: p, model: a-model-of-a-name-that-is-long-%05d, rates: {input: 1}}";
    String file =
        IntStream.range(0, 50_000).mapToObj(entry::formatted).collect(Collectors.joining("\n"));

    assertThatThrownBy(() -> read(MODELS + file, ""))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining("exceeds the limit");
  }

  private static String model(String rest) {
    return MODELS + "  - {provider: p, model: m" + rest + "}\n";
  }

  private static List<Price> models(String... lines) {
    return read(MODELS + "  " + String.join("\n  ", lines) + "\n", "");
  }

  private static List<Price> read(String text, String origin) {
    return PriceFile.read(new StringReader(text), origin);
  }

  private static long micros(String instant) {
    Instant parsed = Instant.parse(instant);
    return parsed.getEpochSecond() * 1_000_000 + parsed.getNano() / 1_000;
  }
}
