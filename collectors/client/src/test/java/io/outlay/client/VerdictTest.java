package io.outlay.client;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class VerdictTest {
  static Stream<Arguments> verdicts() {
    return Stream.of(
        arguments(200, "application/json", "{\"accepted\":2,\"rejected\":[]}", "Settled"),
        arguments(400, "application/problem+json", "{\"detail\":\"x\"}", "Indigestible"),
        arguments(400, "text/html", "<html>", "Refused"),
        arguments(401, "application/problem+json", "{}", "Refused"),
        arguments(403, "", "", "Refused"),
        arguments(404, "", "", "Refused"),
        arguments(408, "", "", "Unavailable"),
        arguments(413, "", "", "Indigestible"),
        arguments(415, "", "", "Refused"),
        arguments(429, "", "", "Unavailable"),
        arguments(302, "", "", "Refused"),
        arguments(500, "", "", "Unavailable"),
        arguments(503, "", "", "Unavailable"));
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void followFromStatusAndBody(int status, String type, String body, String kind) {
    assertThat(verdict(status, type, body).getClass().getSimpleName()).isEqualTo(kind);
  }

  @Test
  void aMixedAnswerNamesTheRejected() {
    Verdict verdict =
        verdict(
            207,
            "application/json",
            """
            {"new":{"x":[1]},"accepted":1,"rejected":[
              {"index":1,"id":"b","field":"data.team","error":"is required","hint":{"a":1}}]}""");

    assertThat(verdict).isInstanceOf(Verdict.Settled.class);
    assertThat(((Verdict.Settled) verdict).rejections())
        .containsExactly(Map.entry(1, new Rejection("b", "data.team", "is required", true)));
  }

  /** An answer that does not account for every event must not make any count as delivered. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>Welcome to the airport</html>",
        "{}",
        "[]",
        "{\"accepted\":1,\"rejected\":[]}",
        "{\"accepted\":3,\"rejected\":[]}",
        "{\"accepted\":\"2\",\"rejected\":[]}",
        "{\"accepted\":99999999999999999999}",
        "{\"accepted\":1,\"rejected\":[{\"index\":2}]}",
        "{\"accepted\":1,\"rejected\":[{\"index\":-1}]}",
        "{\"accepted\":2,\"rejected\":[]"
      })
  void anAnswerThatIsNotACollectorsIsNone(String body) {
    assertThat(verdict(200, "application/json", body)).isInstanceOf(Verdict.Refused.class);
  }

  private static Verdict verdict(int status, String type, String body) {
    return Verdict.of(new Reply(status, type, null, body), 2);
  }
}
