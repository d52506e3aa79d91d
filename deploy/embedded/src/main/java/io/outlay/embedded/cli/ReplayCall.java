package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.outlay.embedded.stack.StackException;
import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks streams-app for a replay of dead letters, says how far it is, and prints what came of it.
 */
final class ReplayCall {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH = "/v1/dead-letters/replay";
  private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(5);
  private static final int BAD_REQUEST = 400;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final URI streams;
  private final Duration quiet;

  /**
   * @param streams root of streams-app's addresses
   * @param quiet how long nothing is said, then how often
   */
  ReplayCall(URI streams, Duration quiet) {
    this.streams = streams;
    this.quiet = quiet;
  }

  /**
   * Waits for the end of the replay, however long it takes.
   *
   * @param query parameters of the request
   * @throws UsageException if a parameter is wrong
   * @throws StackException if the replay could not begin or not end
   */
  void run(Map<String, String> query, Output output) throws InterruptedException {
    HttpResponse<String> answer = await(query, output);
    JsonNode body = read(answer.body());
    if (answer.statusCode() != 200) {
      String detail = body.path("detail").asText("");
      String message = detail.isEmpty() ? "streams-app answered " + answer.statusCode() : detail;
      throw answer.statusCode() == BAD_REQUEST
          ? new UsageException(message)
          : new StackException(message);
    }
    print(body, output);
  }

  private HttpResponse<String> await(Map<String, String> query, Output output)
      throws InterruptedException {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            HttpRequest.newBuilder(StreamsApi.address(streams, PATH, query))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    while (true) {
      try {
        return answer.get(quiet.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        tell(output);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof ConnectException
            ? new StackException(
                "streams-app does not answer at " + streams.getAuthority() + "; is it running?")
            : new StackException(
                "streams-app broke off; what it had sent stays sent, a repetition sends the rest: "
                    + e.getCause().getMessage());
      }
    }
  }

  private void tell(Output output) throws InterruptedException {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(streams.resolve(PATH)).timeout(PROGRESS_TIMEOUT).build(),
              HttpResponse.BodyHandlers.ofString());
      JsonNode progress = read(answer.body());
      if (progress.path("running").asBoolean()) {
        output.line(
            String.format(
                Locale.ROOT,
                "%,d of %,d dead letters read, %,d to send or sent",
                progress.path("read").asLong(),
                progress.path("total").asLong(),
                progress.path("sent").asLong()));
      }
    } catch (IOException e) {
      // The replay's own answer says whether anything is wrong.
      output.line("waiting for streams-app");
    }
  }

  private static void print(JsonNode report, Output output) {
    boolean dryRun = report.path("dryRun").asBoolean();
    JsonNode total = report.path("total");
    if (total.path("found").asLong() == 0) {
      output.line("No dead letter of " + report.path("topic").asText() + " matches.");
    } else {
      TextTable table =
          new TextTable(
                  "REASON",
                  "FOUND",
                  dryRun ? "WOULD BE SENT" : "SENT",
                  "SENT BEFORE",
                  "SKIPPED",
                  "FAIL AGAIN")
              .alignRight(1, 2, 3, 4, 5);
      report.path("reasons").forEach(reason -> row(table, reason.path("reason").asText(), reason));
      row(table, "all", total);
      table.lines().forEach(output::line);
    }
    for (JsonNode skip : report.path("skips")) {
      output.line(skip.path("count").asText() + " skipped: " + skip.path("why").asText());
    }
    if (report.path("unreadable").asLong() > 0) {
      output.line(
          report.path("unreadable").asText()
              + " records of the dead letters' topic are none; the log of streams-app names them");
    }
    samples(report.path("samples"), output);
    if (total.path("failingAgain").asLong() > 0) {
      output.line("");
      output.line(
          total.path("failingAgain").asText()
              + (dryRun ? " would become" : " become")
              + " dead letters again: nothing that they failed for has changed.");
    }
    if (dryRun) {
      output.line("Nothing was sent: --dry-run.");
    }
  }

  private static void row(TextTable table, String name, JsonNode counts) {
    table.row(
        name,
        counts.path("found").asText(),
        counts.path("sent").asText(),
        counts.path("alreadySent").asText(),
        counts.path("skipped").asText(),
        counts.path("failingAgain").asText());
  }

  private static void samples(JsonNode samples, Output output) {
    if (samples.isEmpty()) {
      return;
    }
    output.line("");
    TextTable table = new TextTable("FOR EXAMPLE", "REASON", "SOURCE", "OUTCOME", "MESSAGE");
    for (JsonNode sample : samples) {
      table.row(
          sample.path("original").asText(),
          sample.path("reason").asText(),
          sample.path("source").isNull() ? "" : sample.path("source").asText(),
          sample.path("outcome").asText(),
          sample.path("message").asText().lines().findFirst().orElse(""));
    }
    table.lines().forEach(output::line);
  }

  private static JsonNode read(String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      // Not JSON: something else than streams-app answered.
      return MissingNode.getInstance();
    }
  }
}
