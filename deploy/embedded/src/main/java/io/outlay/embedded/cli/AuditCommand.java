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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has the sink audit the books, and shows what it found. */
@Command(
    name = "audit",
    description =
        "Check that the books balance: every equation with both sides, and where they differ. Exit"
            + " code 1 unless all of them do.")
final class AuditCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A scan of all facts takes its time; beyond this something is wrong. */
  private static final Duration TIMEOUT = Duration.ofMinutes(30);

  private static final Duration TELL_EVERY = Duration.ofSeconds(2);
  private static final String BALANCED = "balanced";

  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Option(names = "--json", description = "Print the sink's whole report as JSON.")
  private boolean json;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long to wait for what is on its way (${DEFAULT-VALUE}).")
  private int waitSeconds;

  AuditCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Session session = sessions.open(options);
    Output output = session.output();
    URI sink = session.existing().endpoints().sink().resolve("/v1/audit?wait=" + waitSeconds);
    HttpResponse<String> answer =
        ask(
            sink,
            seconds -> {
              if (!json) {
                output.line("auditing, " + seconds + " s");
              }
            });
    if (answer.statusCode() != 200) {
      throw new StackException(problem(answer.body()));
    }
    JsonNode report = JSON.readTree(answer.body());
    if (json) {
      output.line(report.toPrettyString());
    } else {
      lines(report).forEach(output::line);
    }
    return report.get("status").asText().equals(BALANCED) ? 0 : 1;
  }

  /** The report for people. */
  static List<String> lines(JsonNode report) {
    List<String> lines = new ArrayList<>();
    TextTable table =
        new TextTable("EQUATION", "OF", "LEFT", "RIGHT", "DIFFERENCE", "STATUS")
            .alignRight(2, 3, 4);
    for (JsonNode equation : report.get("equations")) {
      String name = equation.get("name").asText();
      table.row(
          name,
          equation.get("left").asText() + " = " + equation.get("right").asText(),
          "",
          "",
          "",
          equation.get("status").asText());
      for (JsonNode line : equation.get("lines")) {
        table.row(
            "",
            "  " + line.get("what").asText(),
            line.get("left").asText(),
            line.get("right").asText(),
            line.get("difference").asText().matches("-?0(\\.0+)?(E-\\d+)?")
                ? ""
                : line.get("difference").asText(),
            line.get("status").asText().equals(BALANCED) ? "" : line.get("status").asText());
      }
    }
    lines.addAll(table.lines());
    boolean between = false;
    for (JsonNode equation : report.get("equations")) {
      for (JsonNode line : equation.get("lines")) {
        between |= line.get("status").asText().equals("between");
      }
      if (!equation.get("cells").isEmpty()) {
        lines.add("");
        lines.addAll(cells(equation));
      }
    }
    lines.add("");
    if (between) {
      lines.add(
          "\"between\": traffic flowed; the right side lies between what the left one was before and"
              + " after it was read.");
    }
    lines.add(verdict(report));
    return lines;
  }

  private static List<String> cells(JsonNode equation) {
    List<String> lines = new ArrayList<>();
    long all = equation.get("differences").asLong() + equation.get("unsettled").asLong();
    int shown = equation.get("cells").size();
    lines.add(
        equation.get("name").asText()
            + (shown < all ? ", the first %d of %d:".formatted(shown, all) : ":"));
    TextTable table =
        new TextTable(
                "  WINDOW",
                "START",
                "TEAM",
                "MODEL",
                "FEATURE",
                "WHAT",
                equation.get("left").asText().toUpperCase(Locale.ROOT),
                equation.get("right").asText().toUpperCase(Locale.ROOT),
                "DIFFERENCE",
                "STATUS")
            .alignRight(6, 7, 8);
    for (JsonNode cell : equation.get("cells")) {
      JsonNode place = cell.get("place");
      table.row(
          "  " + place.get("window").asText(),
          place.get("start").asText(),
          place.get("team").asText(),
          place.get("model").asText(),
          place.get("feature").asText(),
          cell.get("what").asText(),
          cell.get("left").asText(),
          cell.get("right").asText(),
          cell.get("difference").asText(),
          cell.get("status").asText());
    }
    lines.addAll(table.lines());
    return lines;
  }

  private static String verdict(JsonNode report) {
    long differences = 0;
    List<String> unsettled = new ArrayList<>();
    List<String> differing = new ArrayList<>();
    for (JsonNode equation : report.get("equations")) {
      differences += equation.get("differences").asLong();
      switch (equation.get("status").asText()) {
        case "differs" -> differing.add(equation.get("name").asText());
        case "unsettled" -> unsettled.add(equation.get("name").asText());
        default -> {}
      }
    }
    if (!differing.isEmpty()) {
      return "The books do not balance: %d differences in %s. See docs/operation.md, Audit."
          .formatted(differences, String.join(", ", differing));
    }
    if (!unsettled.isEmpty()) {
      return "Nothing is known to be wrong, but not everything came to rest: "
          + String.join(", ", unsettled)
          + ". Ask again when less is on its way, or wait longer with --wait.";
    }
    return "The books balance.";
  }

  private static HttpResponse<String> ask(URI sink, IntConsumer progress)
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
        progress.accept(seconds);
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
