package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks streams-app for a repricing, says how far it is, and prints what came of it. */
final class RepriceCall {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TELL_EVERY = Duration.ofSeconds(2);
  private static final int SHARES_SHOWN = 20;

  private final URI streams;
  private final Duration poll;
  private final Output output;

  /**
   * @param streams root of streams-app's addresses
   * @param poll how often is asked how far it is
   */
  RepriceCall(URI streams, Duration poll, Output output) {
    this.streams = streams;
    this.poll = poll;
    this.output = output;
  }

  /**
   * Waits for the end of the repricing, however long it takes.
   *
   * @param query parameters of the request
   * @return exit code
   * @throws StackException if it could not be asked for, or streams-app went away meanwhile
   */
  int run(Map<String, String> query) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        StreamsApi.send(
            HttpRequest.newBuilder(StreamsApi.address(streams, "/v1/repricings", query))
                .POST(BodyPublishers.noBody()));
    JsonNode body = JSON.readTree(answer.body());
    if (answer.statusCode() != 202) {
      throw StreamsApi.refused(body);
    }
    JsonNode end = follow(body.get("id").asText());
    report(end).forEach(output::line);
    if (end.get("state").asText().equals("failed")) {
      output.err().println("outlay: given up: " + end.get("error").asText());
      return 1;
    }
    return 0;
  }

  private JsonNode follow(String id) throws IOException, InterruptedException {
    long told = System.nanoTime();
    while (true) {
      HttpResponse<String> answer;
      try {
        answer =
            StreamsApi.send(
                HttpRequest.newBuilder(
                    StreamsApi.address(streams, "/v1/repricings/" + id, Map.of())));
      } catch (IOException | StackException e) {
        throw new StackException(
            "lost sight of streams-app; the repricing "
                + id
                + " goes on once it runs: see the table repricings");
      }
      JsonNode body = JSON.readTree(answer.body());
      if (answer.statusCode() != 200) {
        throw StreamsApi.refused(body);
      }
      if (body.get("finishedAt").isTextual()) {
        return body;
      }
      if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
        output.line(progress(body));
        told = System.nanoTime();
      }
      Thread.sleep(poll.toMillis());
    }
  }

  private static String progress(JsonNode body) {
    String waitingFor = body.get("waitingFor").asText();
    if (!waitingFor.isEmpty()) {
      return "waiting: " + waitingFor;
    }
    if (body.get("state").asText().equals("requested")) {
      return "waiting for its turn";
    }
    if (body.get("factsTotal").asLong() == 0) {
      return "looking for facts";
    }
    return "%,d of %,d facts read, %,d changed"
        .formatted(
            body.get("factsRead").asLong(),
            body.get("factsTotal").asLong(),
            body.get("factsChanged").asLong());
  }

  /** What changed, by team and model, and in all. */
  private static List<String> report(JsonNode repricing) {
    List<String> lines = new ArrayList<>();
    JsonNode shares = repricing.get("shares");
    if (!shares.isEmpty()) {
      TextTable table =
          new TextTable("TEAM", "MODEL", "FACTS", "OLD USD", "NEW USD", "DIFFERENCE")
              .alignRight(2, 3, 4, 5);
      for (int i = 0; i < Math.min(shares.size(), SHARES_SHOWN); i++) {
        JsonNode share = shares.get(i);
        table.row(
            share.get("team").asText(),
            share.get("model").asText(),
            share.get("facts").asText(),
            share.get("oldCost").asText(),
            share.get("newCost").asText(),
            share.get("difference").asText());
      }
      table.row(
          "all",
          "",
          repricing.get("factsChanged").asText(),
          repricing.get("oldCost").asText(),
          repricing.get("newCost").asText(),
          repricing.get("difference").asText());
      lines.addAll(table.lines());
      if (shares.size() > SHARES_SHOWN) {
        lines.add("… and " + (shares.size() - SHARES_SHOWN) + " more teams and models");
      }
      lines.add("");
    }
    boolean dryRun = repricing.get("dryRun").asBoolean();
    lines.add(
        "%,d facts read, %,d %s; without a price before: %,d, now: %,d"
            .formatted(
                repricing.get("factsRead").asLong(),
                repricing.get("factsChanged").asLong(),
                dryRun ? "would change" : "changed",
                repricing.get("unpricedBefore").asLong(),
                repricing.get("unpricedAfter").asLong()));
    if (repricing.get("factsFailed").asLong() > 0) {
      lines.add(
          "%,d facts stay as they were, the first of them %s"
              .formatted(repricing.get("factsFailed").asLong(), repricing.get("error").asText()));
    }
    lines.add(
        dryRun
            ? "Nothing was changed: --dry-run."
            : "Kept as " + repricing.get("id").asText() + " in the table repricings.");
    return lines;
  }
}
