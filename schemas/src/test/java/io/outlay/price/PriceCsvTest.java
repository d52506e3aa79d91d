package io.outlay.price;

import io.outlay.price.PriceReading.Omission;
import io.outlay.schema.Price;
import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceCsvTest {
  private static final String ALL =
      "provider,model,effective_from,above_input_tokens,input,cache_read,cache_write_5m,"
          + "cache_write_1h,output,reasoning,input_audio,cache_read_audio,output_audio,input_image,"
          + "output_image,per_1k_requests,per_1k_web_searches\n";

  @Test
  void aRowIsACardOfAPrice() {
    PriceReading reading =
        read(
            ALL
                + "acme,chat-1,,0,3,0.3,3.75,6,15,,,,,,,,10\n"
                + "acme,chat-1,,200000,6,0.6,7.5,12,22.5,,,,,,,,10\n"
                + "\n"
                + "acme,chat-1,2026-03-13,,2.5,,,,10,,,,,,,,\n"
                + "acme,\"voice, large\",,0,4,0.4,,,16,,32,0.4,64,5,,,\n"
                + "acme,rank,,0,,,,,,,,,,,,2,\n"
                + "acme,free,,0,0,,,,0,7,,,,,30,,\n");

    assertThat(PriceFile.write(reading.prices()))
        .isEqualTo(
            """
            format: outlay-prices/1
            currency: USD

            models:
              - {provider: acme, model: chat-1, rates: {input: 3, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6, output: 15, webSearches: 10}, above: [{inputTokens: 200000, rates: {input: 6, cacheRead: 0.6, cacheWrite5m: 7.5, cacheWrite1h: 12, output: 22.5, webSearches: 10}}]}
              - {provider: acme, model: chat-1, from: 2026-03-13, rates: {input: 2.5, output: 10}}
              - {provider: acme, model: free, rates: {input: 0, output: 0, reasoning: 7, outputImage: 30}}
              - {provider: acme, model: rank, rates: {requests: 2}}
              - {provider: acme, model: "voice, large", rates: {input: 4, cacheRead: 0.4, output: 16, inputAudio: 32, outputAudio: 64, inputImage: 5}}
            """);
    assertThat(reading.prices()).extracting(Price::getOrigin).containsOnly("csv");
    assertThat(reading.leftOut())
        .containsExactly(
            new Omission(
                "line 6 acme/voice, large",
                "cache_read_audio",
                "0.4",
                "usage does not tell it apart: cache_read takes its place"));
    assertThat(reading.refused()).isEmpty();
  }

  @Test
  void columnsComeInAnyOrderAndTheRestIsOptional() {
    PriceReading reading =
        read(
            "\uFEFFmodel,service_tier,provider,output,effective_to,team,currency,per_image,region,"
                + "customer,per_1m_characters,per_media_hour,per_1k_pages\r\n"
                + "m,,p,1,2026-01-01,search,EUR,0.04,eu,acme,15,0.36,1.5\r\n"
                + "m,flex,p,0.5,2026-01-01,search,EUR,,eu,acme,,,\r\n");

    assertThat(PriceFile.write(reading.prices()))
        .contains(
            "{provider: p, model: m, region: eu, team: search, customer: acme, to: 2026-01-01,"
                + " currency: EUR, rates: {output: 1, images: 0.04, characters: 15, mediaHour:"
                + " 0.36, pages: 1.5}, tiers: {flex: {rates: {output: 0.5}}}}");
  }

  @Test
  void aColumnThatCannotBeExpressedIsListed() {
    PriceReading reading =
        read("provider,model,input,cache_read,cache_read_audio\np,m,5,2.5,20\np,n,5,,5\n");

    assertThat(reading.prices()).extracting(Price::getId).containsExactly("p/m", "p/n");
    assertThat(reading.leftOut())
        .extracting(Omission::toString)
        .containsExactly(
            "line 2 p/m: cache_read_audio 20: usage does not tell it apart: cache_read takes its"
                + " place, which is too cheap for it",
            "line 3 p/n: cache_read_audio 5: usage does not tell it apart: cache_read takes its"
                + " place");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | line 1: the file is empty",
        "model,input | line 1: column provider is required",
        "provider,model,inputs | line 1: unknown column inputs, known are above_input_tokens",
        "provider,model,model | line 1: column model stands twice",
        "provider,model,input;p,m | line 2: must have 3 cells, had 2",
        "provider,model,input;p,m,1,2 | line 2: must have 3 cells, had 4",
        "provider,model,input;,m,1 | line 2: provider is required",
        "provider,model,input;p,m,1;p,n,-1 | line 3: input must be >= 0, was -1",
        "provider,model,input;p,m,1;p,n,x | line 3: input must be a decimal number, was x",
        "provider,model,input;p,m, | line 2: a rate is required",
        "provider,model,input,effective_from;p,m,1,June"
            + " | line 2: effective_from must be a date such as 2026-11-21",
        "provider,model,input,above_input_tokens;p,m,1,-1"
            + " | line 2: above_input_tokens must be a whole number >= 0, was -1",
        "provider,model,input,above_input_tokens;p,m,1,5"
            + " | line 2: above_input_tokens must be 0 in one row of each service_tier, there is none of standard",
        "provider,model,input,above_input_tokens,service_tier;p,m,1,,;p,m,1,5,flex"
            + " | line 2: above_input_tokens must be 0 in one row of each service_tier, there is none of flex",
        "provider,model,input;p,m,1;p,m,2 | line 3: a second row for p/m above 0 inputTokens",
        "provider,model,input,currency;p,m,1,EURO"
            + " | line 2: currency must be an ISO 4217 code such as USD, was EURO",
        "provider,model,input,effective_from,effective_to;p,m,1,,2026-02-02;p,m,1,2026-02-01,"
            + " | line 3: p/m@2026-02-01 overlaps p/m, which ends later",
      })
  void aFaultIsToldWithItsLine(String csv, String fault) {
    assertThatThrownBy(() -> read(csv.replace(';', '\n')))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining(fault);
  }

  @Test
  void linesAreCountedWithinQuotedCells() {
    assertThatThrownBy(() -> read("provider,model,input,team\np,m,1,\"a b\"\np,n,x,\n\n\np,o,y,\n"))
        .hasMessage(
            "line 3: input must be a decimal number, was x\n"
                + "line 6: input must be a decimal number, was y");
  }

  private static PriceReading read(String csv) {
    return PriceCsv.read(new StringReader(csv), "csv");
  }
}
