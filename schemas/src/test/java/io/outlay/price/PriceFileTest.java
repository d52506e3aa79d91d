package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
  void theExampleOfTheGuideCanBeImported() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "prices.md"));
    int start = guide.indexOf("```yaml\n") + "```yaml\n".length();
    String example = guide.substring(start, guide.indexOf("```", start));

    assertThat(PriceFile.read(new StringReader(example), "test")).hasSizeGreaterThan(10);
  }

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
                NameMatch.EXACT,
                List.of(),
                "",
                "",
                "",
                micros("2025-06-10T00:00:00Z"),
                micros("2026-01-01T12:00:00Z") + 1,
                List.of(
                    new RateCard(
                        0L,
                        "",
                        0,
                        1440,
                        List.of(
                            new Rate(Meter.INPUT_TOKENS, 2_000_000_000_000L),
                            new Rate(Meter.CACHE_READ_TOKENS, 500_000_000_000L),
                            new Rate(Meter.OUTPUT_TOKENS, 8_000_000_000_000L))),
                    new RateCard(
                        200_000L,
                        "",
                        0,
                        1440,
                        List.of(new Rate(Meter.INPUT_TOKENS, 4_000_000_000_000L))),
                    new RateCard(
                        300_000L,
                        "",
                        0,
                        1440,
                        List.of(new Rate(Meter.INPUT_TOKENS, 6_000_000_000_000L)))),
                List.of(),
                List.of(),
                0,
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
        arguments("just words", 1, "the file must be a mapping of keys to values"),
        arguments("- a\n", 1, "the file must be a mapping of keys to values"),
        arguments("models: []\n", 1, "format is required: outlay-prices/1"),
        arguments(
            "\nformat: outlay-prices/2\n",
            2,
            "format must be outlay-prices/1, was outlay-prices/2"),
        arguments(
            FORMAT + "currency: XYZ\n",
            2,
            "currency must be an ISO 4217 code such as USD, was XYZ"),
        arguments(FORMAT + "asOf: yesterday\n", 2, "asOf must be a date, was yesterday"),
        arguments(FORMAT + "asOf: 2026-02-30\n", 2, "asOf must be a date, was 2026-02-30"),
        arguments(FORMAT + "format: x\n", 2, "key format stands twice"),
        arguments(FORMAT + "modells:\n  - {provider: p}\n", 2, "unknown key modells"),
        arguments(FORMAT + "models: none\n", 2, "models must be a list"),
        arguments(FORMAT + "models: {a: b}\n", 2, "models must be a list"),
        arguments(FORMAT + "? [a]\n: b\n", 2, "a key of the file must be a single value"),
        // Not YAML
        arguments(FORMAT + "models: [\n", 3, "is not YAML: "),
        arguments(FORMAT + "models:\n\t- a\n", 3, "is not YAML: "),
        arguments(FORMAT + "models: *nothing\n", 2, "is not YAML: found undefined alias nothing"),
        arguments(FORMAT + "---\n" + FORMAT, 2, "is not YAML: "),
        arguments("PK\u0003\u0004\u0000", 0, "is not YAML: "),
        // An entry
        arguments(MODELS + "  - x\n", 3, "an entry of models must be a mapping of keys to values"),
        arguments(
            MODELS + "  - {provider: p, rates: {input: 1}}\n", 3, "models: model is required"),
        arguments(
            MODELS + "  - {provider: '', model: m, rates: {input: 1}}\n",
            3,
            "models: provider is required"),
        arguments(
            MODELS + "  - provider: p\n    model: m\n    rates: {input: 1}\n    note:\n      - x\n",
            6,
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
            "provider must be a single value"),
        arguments(
            FORMAT + "gpus:\n  - {gpuModel: L4, purchaseOption: on-demand, rates: {hour: 1}}\n",
            3,
            "purchaseOption must be one of on_demand, reserved, spot, was on-demand"),
        arguments(
            FORMAT + "gpus:\n  - {gpuModel: L4, rates: {hour: 1}}\n",
            3,
            "gpus: purchaseOption is required"),
        // Rates
        arguments(model(""), 3, "models: rates is required"),
        arguments(model(", rates: {}"), 3, "rates must not be empty"),
        arguments(model(", rates: 3"), 3, "rates must be a mapping of keys to values"),
        arguments(
            model(", rates: {inputs: 3}"),
            3,
            "unknown rate inputs in models, known are cacheRead, cacheWrite1h, cacheWrite5m,"
                + " characters, images, input, inputAudio, inputImage, mediaHour, output, outputAudio,"
                + " outputImage, pages, reasoning, requests, webSearches"),
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
        arguments(model(", rates: {input: 1}, above: {}"), 3, "above must be a list"),
        arguments(
            model(", rates: {input: 1}, above: [{rates: {input: 1}}]"),
            3,
            "above: inputTokens is required"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 5, rates: {input: 1}, tier: x}]"),
            3,
            "above: unknown key tier"),
        arguments(
            model(", rates: {input: 1}, above: [{inputTokens: 5}]"),
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
        // Names, tiers, regions, currencies
        arguments(
            model("*, rates: {input: 1}"), 3, "model must not end in *, use match: prefix, was m*"),
        arguments(
            model(", match: glob, rates: {input: 1}"),
            3,
            "match must be one of exact, prefix, was glob"),
        arguments(model(", aliases: a, rates: {input: 1}"), 3, "aliases must be a list"),
        arguments(model(", aliases: [a, a], rates: {input: 1}"), 3, "aliases hold a twice"),
        arguments(model(", aliases: [m], rates: {input: 1}"), 3, "aliases hold m twice"),
        arguments(
            model(", aliases: [a], rates: {input: 1}")
                + "  - {provider: p, model: n, aliases: [a], rates: {input: 1}}\n",
            4,
            "alias or model a of p/n is one of p/m too"),
        arguments(
            model(", aliases: [n], rates: {input: 1}")
                + "  - {provider: p, model: n, rates: {input: 1}}\n",
            4,
            "alias or model n of p/n is one of p/m too"),
        arguments(
            model(", customer: \"a\\tb\", rates: {input: 1}"),
            3,
            "customer must have no control characters, was \"a\\u0009b\""),
        arguments(
            model(", tiers: {standard: {rates: {input: 1}}}, rates: {input: 1}"),
            3,
            "tiers: standard is the entry's own rates"),
        arguments(
            model(", tiers: {flex: {multiplier: 0}}, rates: {input: 1}"),
            3,
            "multiplier must be > 0 and <= 1000, was 0"),
        arguments(
            model(", tiers: {flex: {multiplier: 0.0000001}}, rates: {input: 1}"),
            3,
            "multiplier must have at most 6 decimals, was 0.0000001"),
        arguments(
            model(", tiers: {flex: {multiplier: 0.5, rates: {input: 1}}}, rates: {input: 1}"),
            3,
            "tiers: flex has a multiplier, so no rates"),
        arguments(
            model(", tiers: {flex: {input: 1, rates: {input: 1}}}, rates: {input: 1}"),
            3,
            "tiers: flex: unknown key input"),
        arguments(
            model(", regions: {eu: 1001}, rates: {input: 1}"),
            3,
            "regions: eu must be > 0 and <= 1000, was 1001"),
        arguments(
            model(", currency: usd, rates: {input: 1}"),
            3,
            "currency must be an ISO 4217 code such as USD, was usd"),
        // Time of day
        arguments(
            model(", daily: [{from: 16:30, rates: {input: 1}}], rates: {input: 1}"),
            3,
            "daily wants from, to and rates, had from, rates"),
        arguments(
            model(", daily: [{from: 24:01, to: 1:00, rates: {input: 1}}], rates: {input: 1}"),
            3,
            "from must be a time (UTC) such as 16:30, was 24:01"),
        arguments(
            model(", daily: [{from: 00:00, to: 24:00, rates: {input: 1}}], rates: {input: 1}"),
            3,
            "daily must be a part of the day, was 00:00 to 24:00"),
        arguments(
            model(
                ", daily: [{from: 22:00, to: 02:00, rates: {input: 1}}, {from: 01:59, to: 03:00,"
                    + " rates: {input: 1}}], rates: {input: 1}"),
            3,
            "daily from 01:59 to 03:00 overlaps another one"),
        // Tiers of storage, currencies, discounts
        arguments(
            FORMAT + "storage:\n  - {tier: tepid, rates: {gbMonth: 1}}\n",
            3,
            "tier must be one of archive, cold, hot, warm, was tepid"),
        arguments(
            FORMAT + "moves:\n  - {fromTier: hot, toTier: lava, rates: {gb: 1}}\n",
            3,
            "toTier must be one of archive, cold, hot, warm, was lava"),
        arguments(
            FORMAT + "storage:\n  - {tier: hot, aliases: [x], rates: {gbMonth: 1}}\n",
            3,
            "unknown key aliases in storage"),
        arguments(
            FORMAT + "compute:\n  - {purchaseOption: spot, match: prefix, rates: {cpuHour: 1}}\n",
            3,
            "match wants instanceType"),
        arguments(
            FORMAT + "exchangeRates:\n  - {currency: EUR, usd: 0}\n", 3, "usd must be > 0, was 0"),
        arguments(
            FORMAT + "exchangeRates:\n  - {currency: USD, usd: 1}\n",
            3,
            "currency must not be USD: its rate is 1"),
        arguments(
            FORMAT + "exchangeRates:\n  - {currency: EUR}\n", 3, "exchangeRates: usd is required"),
        arguments(
            FORMAT + "discounts:\n  - {provider: p, percent: 5}\n",
            3,
            "discounts: team or customer is required"),
        arguments(
            FORMAT + "discounts:\n  - {team: t, percent: 100.5}\n",
            3,
            "percent must be between 0 and 100, was 100.5"),
        arguments(
            FORMAT + "discounts:\n  - {team: t, percent: 0.00001}\n",
            3,
            "percent must have at most 4 decimals, was 0.00001"),
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
            "a second price for p/m@2026-02-01"),
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
    String comment = ("# " + "x".repeat(97) + "\n").repeat(PriceFile.MAX_CHARACTERS / 100 + 1);

    assertThatThrownBy(() -> read(FORMAT + comment + "models: []\n", ""))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining("exceeds the limit");
  }

  @Test
  void everythingThatAPriceSaysIsRead() {
    List<Price> prices =
        read(
            """
            format: outlay-prices/1
            asOf: 2026-08-31
            models:
              - provider: openai
                model: gpt-5
                match: prefix
                aliases: [openai/gpt-5, azure/gpt-5]
                region: eu-west-1
                team: search
                customer: acme
                currency: EUR
                asOf: 2026-09-01
                rates: {input: 1, images: 0.04, characters: 15, mediaHour: 0.36, pages: 1.5}
                daily: [{from: 16:30, to: 00:30, rates: {input: 0.5}}]
                above:
                  - inputTokens: 200000
                    rates: {input: 2}
                    daily: [{from: "00:00", to: "06:00", rates: {input: 1}}]
                tiers:
                  flex: {multiplier: 0.5}
                  priority:
                    rates: {input: 3}
                    above: [{inputTokens: 200000, rates: {input: 6}}]
                regions: {"eu*": 1.1, us: 1.05}
            exchangeRates:
              - {currency: EUR, from: 2026-01-01, usd: 1.17}
            discounts:
              - {team: search, provider: openai, percent: 12.5, from: 2026-02-01}
            """,
            "mine");

    Price model = PriceFile.blank(PriceKind.MODEL);
    model.setId("openai/gpt-5*/region=eu-west-1/team=search/customer=acme");
    model.setProvider("openai");
    model.setName("gpt-5");
    model.setMatch(NameMatch.PREFIX);
    model.setAliases(List.of("azure/gpt-5", "openai/gpt-5"));
    model.setRegion("eu-west-1");
    model.setTeam("search");
    model.setCustomer("acme");
    model.setCurrency("EUR");
    model.setOrigin("mine");
    model.setAsOf("2026-09-01");
    model.setCards(
        List.of(
            new RateCard(
                0L,
                "",
                0,
                1440,
                List.of(
                    rate(Meter.INPUT_TOKENS, "1"),
                    rate(Meter.IMAGES, "0.04"),
                    rate(Meter.CHARACTERS, "15"),
                    rate(Meter.MEDIA_HOURS, "0.36"),
                    rate(Meter.PAGES, "1.5"))),
            new RateCard(0L, "", 990, 30, List.of(rate(Meter.INPUT_TOKENS, "0.5"))),
            new RateCard(200_000L, "", 0, 1440, List.of(rate(Meter.INPUT_TOKENS, "2"))),
            new RateCard(200_000L, "", 0, 360, List.of(rate(Meter.INPUT_TOKENS, "1"))),
            new RateCard(0L, "priority", 0, 1440, List.of(rate(Meter.INPUT_TOKENS, "3"))),
            new RateCard(200_000L, "priority", 0, 1440, List.of(rate(Meter.INPUT_TOKENS, "6")))));
    model.setTierMultipliers(List.of(new Multiplier("flex", 500_000L)));
    model.setRegionMultipliers(
        List.of(new Multiplier("eu*", 1_100_000L), new Multiplier("us", 1_050_000L)));
    Price euro = PriceFile.blank(PriceKind.EXCHANGE_RATE);
    euro.setId("exchange_rate:any/EUR@2026-01-01");
    euro.setName("EUR");
    euro.setOrigin("mine");
    euro.setAsOf("2026-08-31");
    euro.setValidFromMicros(micros("2026-01-01T00:00:00Z"));
    euro.setCards(
        List.of(new RateCard(0L, "", 0, 1440, List.of(rate(Meter.CURRENCY_UNITS, "1.17")))));
    Price discount = PriceFile.blank(PriceKind.DISCOUNT);
    discount.setId("discount:openai/any/team=search@2026-02-01");
    discount.setProvider("openai");
    discount.setMatch(NameMatch.PREFIX);
    discount.setTeam("search");
    discount.setDiscountMillionths(125_000);
    discount.setOrigin("mine");
    discount.setAsOf("2026-08-31");
    discount.setValidFromMicros(micros("2026-02-01T00:00:00Z"));
    assertThat(prices).containsExactly(discount, euro, model);
  }

  @Test
  void theCurrencyOfTheFileHoldsForEntriesWithoutOne() {
    assertThat(
            read(
                FORMAT
                    + "currency: EUR\nmodels: [{provider: p, model: m, rates: {input: 1}},"
                    + " {provider: p, model: n, currency: GBP, rates: {input: 1}}]\n"
                    + "exchangeRates: [{currency: EUR, usd: 1.1}]\n",
                ""))
        .extracting(Price::getCurrency)
        .containsExactly("USD", "EUR", "GBP");
  }

  @Test
  void endOfDayIsMidnight() {
    assertThat(
            models(
                "- {provider: p, model: a, rates: {input: 1}, daily: [{from: 22:00, to: 00:00,"
                    + " rates: {input: 2}}]}",
                "- {provider: p, model: b, rates: {input: 1}, daily: [{from: 22:00, to: 24:00,"
                    + " rates: {input: 2}}]}"))
        .extracting(price -> price.getCards().get(1).getToMinute())
        .containsExactly(1440, 1440);
  }

  @Test
  void allFaultsAreToldAtOnce() {
    PriceFileException fault =
        catchThrowableOfType(
            PriceFileException.class,
            () ->
                read(
                    """
                    format: outlay-prices/1
                    models:
                      - {provider: p, model: a, rates: {input: -1, output: x}, nonsense: 1}
                      - {provider: p, from: June, rates: {input: 1}}
                      - {provider: p, model: b, to: 2026-02-02, rates: {input: 1}}
                      - {provider: p, model: b, from: 2026-02-01, rates: {input: 1}}
                    network:
                      - {path: pigeon, currency: ABC, rates: {gb: 1}}
                    """,
                    ""));

    assertThat(fault.getMessage().lines())
        .containsExactly(
            "line 3: unknown key nonsense in models",
            "line 3: input must be >= 0, was -1",
            "line 3: output must be a decimal number, was x",
            "line 4: models: model is required",
            "line 4: from must be a date such as 2026-11-21 or an instant such as"
                + " 2026-11-21T02:00:00Z, was June",
            "line 6: p/b@2026-02-01 overlaps p/b, which ends later",
            "line 8: path must be one of cdn, egress, inter_region, inter_zone, was pigeon",
            "line 8: currency must be an ISO 4217 code such as USD, was ABC");
    assertThat(fault.count()).isEqualTo(8);
  }

  @Test
  void ofVeryManyFaultsTheFirstHundredAreTold() {
    String entries = "  - {provider: p, rates: {input: 1}}\n".repeat(250);

    PriceFileException fault =
        catchThrowableOfType(PriceFileException.class, () -> read(MODELS + entries, ""));

    assertThat(fault.count()).isEqualTo(250);
    assertThat(fault.faults()).hasSize(100);
    assertThat(fault.getMessage()).endsWith("and 150 more");
  }

  private static Rate rate(Meter meter, String amount) {
    return new Rate(meter, new BigDecimal(amount).movePointRight(12).longValueExact());
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
