package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Has the sink audit the books. */
public final class AuditClient {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A scan of all facts takes its time; beyond this something is wrong. */
  private static final Duration TIMEOUT = Duration.ofMinutes(30);

  private static final Duration TELL_EVERY = Duration.ofSeconds(2);

  private AuditClient() {}

  /**
   * The sink's report.
   *
   * @param sink the root of its addresses
   * @param waitSeconds how long it is to wait for what is on its way
   * @param progress told now and then that it takes a while
   * @throws StackException if the sink is away or could not make the audit, saying why
   */
  public static JsonNode audit(URI sink, int waitSeconds, Consumer<String> progress)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = ask(sink.resolve("/v1/audit?wait=" + waitSeconds), progress);
    if (answer.statusCode() != 200) {
      throw new StackException(problem(answer.body()));
    }
    return JSON.readTree(answer.body());
  }

  /** Whether every equation of a report holds. */
  public static boolean isBalanced(JsonNode report) {
    return report.get("status").asText().equals("balanced");
  }

  private static HttpResponse<String> ask(URI sink, Consumer<String> progress)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<String>> answer =
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(sink).timeout(TIMEOUT).build(),
                HttpResponse.BodyHandlers.ofString());
    for (int seconds = 0; ; ) {
      try {
        return answer.get(TELL_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        seconds += (int) TELL_EVERY.toSeconds();
        progress.accept("Auditing the books, " + seconds + " s");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof ConnectException) {
          throw new StackException(
              "clickhouse-sink does not answer at " + sink.getAuthority() + "; is it running?");
        }
        if (e.getCause() instanceof HttpTimeoutException) {
          throw new StackException(
              "clickhouse-sink did not finish the audit within "
                  + TIMEOUT.toMinutes()
                  + " minutes; see ./outlay logs clickhouse-sink");
        }
        throw new IOException("clickhouse-sink: " + e.getCause().getMessage(), e);
      }
    }
  }

  private static String problem(String body) {
    try {
      return JSON.readTree(body).path("detail").asText(body);
    } catch (IOException e) {
      return body;
    }
  }
}
