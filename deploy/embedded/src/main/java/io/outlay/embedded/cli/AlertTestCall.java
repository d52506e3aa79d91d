package io.outlay.embedded.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks the detector for a test alert and prints what came of it. */
final class AlertTestCall {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Longer than the detector itself waits for the receiver. */
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final URI detector;
  private final Output output;

  /**
   * @param detector root of the detector's addresses
   */
  AlertTestCall(URI detector, Output output) {
    this.detector = detector;
    this.output = output;
  }

  /**
   * Sends one test alert.
   *
   * @return exit code: 0 if the receiver took it
   * @throws StackException if the detector is away, or does not know the receiver
   */
  int run(String receiver) throws IOException, InterruptedException {
    String name = URLEncoder.encode(receiver, StandardCharsets.UTF_8).replace("+", "%20");
    HttpResponse<String> answer;
    try {
      answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(detector.resolve("/v1/receivers/" + name + "/test"))
                      .timeout(TIMEOUT)
                      .POST(BodyPublishers.noBody())
                      .build(),
                  BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new StackException(
          "anomaly-detector does not answer at " + detector.getAuthority() + "; is it running?");
    }
    JsonNode body = tree(answer.body());
    if (!body.path("messageId").isTextual()) {
      throw new StackException(body.path("detail").asText("answered " + answer.statusCode()));
    }
    String said = body.path("status").isNull() ? "no answer" : body.path("status").asText();
    if (answer.statusCode() == 200) {
      output.line(
          "%s took the test alert: %s after %d ms, id %s"
              .formatted(
                  receiver,
                  said,
                  body.path("latencyMillis").asLong(),
                  body.path("messageId").asText()));
      return 0;
    }
    output
        .err()
        .println(
            "outlay: %s did not take the test alert: %s"
                .formatted(receiver, body.path("error").asText(said)));
    output.err().flush();
    return 1;
  }

  private static JsonNode tree(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new StackException("anomaly-detector answered what is no JSON: " + body);
    }
  }
}
