package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Rates the past again with today's price book, through streams-app. */
@Command(
    name = "reprice",
    description = {
      "Rate usage of the past again with today's prices. Facts whose rating changes get a higher",
      "revision, and rollups and budgets follow. It goes on in the background when this command is",
      "interrupted, and after a crash; doing it twice changes nothing.",
      "",
      "Usage that had no price needs no command: it is rated once a price for it is imported."
    })
final class RepriceCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration TELL_EVERY = Duration.ofSeconds(2);
  private static final int SHARES_SHOWN = 20;

  @Mixin private StackOptions options;

  @Option(names = "--provider", paramLabel = "NAME", description = "Provider or cloud.")
  private @Nullable String provider;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          "Model, baseline model, GPU model or instance type. Names that end in * stand for all"
              + " that begin so, here and in the other options.")
  private @Nullable String model;

  @Option(names = "--team", paramLabel = "NAME", description = "Team.")
  private @Nullable String team;

  @Option(names = "--customer", paramLabel = "NAME", description = "Customer.")
  private @Nullable String customer;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "Type of event, such as io.outlay.llm.usage.")
  private @Nullable String type;

  @Option(
      names = "--from",
      paramLabel = "DATE",
      description = "Event time, inclusive: a date (midnight UTC) or an instant.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "DATE", description = "Event time, exclusive.")
  private @Nullable String to;

  @Option(names = "--unpriced", description = "Only usage that has no price.")
  private boolean unpriced;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; it is kept with the result.")
  private @Nullable String reason;

  @Option(names = "--dry-run", description = "Only say what would change.")
  private boolean dryRun;

  private final Session.Factory sessions;

  RepriceCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    StreamsApi.put(query, "provider", provider);
    StreamsApi.put(query, "model", model);
    StreamsApi.put(query, "team", team);
    StreamsApi.put(query, "customer", customer);
    StreamsApi.put(query, "type", type);
    StreamsApi.put(query, "from", from);
    StreamsApi.put(query, "to", to);
    if (unpriced) {
      query.put("unpricedOnly", "true");
    }
    if (query.isEmpty()) {
      throw new UsageException(
          "say what to rate again: --provider, --model, --team, --customer, --type, --from, --to or"
              + " --unpriced");
    }
    StreamsApi.put(query, "reason", reason);
    query.put("by", System.getProperty("user.name", ""));
    query.put("dryRun", Boolean.toString(dryRun));
    Session session = sessions.open(options);
    EmbeddedStack stack = session.existing();
    HttpResponse<String> answer =
        StreamsApi.send(
            HttpRequest.newBuilder(StreamsApi.address(stack, "/v1/repricings", query))
                .POST(BodyPublishers.noBody()));
    JsonNode body = JSON.readTree(answer.body());
    if (answer.statusCode() != 202) {
      throw StreamsApi.refused(body);
    }
    JsonNode end = follow(stack, body.get("id").asText(), session.output());
    report(end).forEach(session.output()::line);
    if (end.get("state").asText().equals("failed")) {
      session.output().err().println("outlay: given up: " + end.get("error").asText());
      return 1;
    }
    return 0;
  }

  private static JsonNode follow(EmbeddedStack stack, String id, Output output)
      throws IOException, InterruptedException {
    long told = System.nanoTime();
    while (true) {
      HttpResponse<String> answer =
          StreamsApi.send(
              HttpRequest.newBuilder(StreamsApi.address(stack, "/v1/repricings/" + id, Map.of())));
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
      Thread.sleep(POLL.toMillis());
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
    return "%,d of %,d facts read, %,d changed"
        .formatted(
            body.get("factsRead").asLong(),
            body.get("factsTotal").asLong(),
            body.get("factsChanged").asLong());
  }

  /** What changed, by team and model, and in all. */
  static List<String> report(JsonNode repricing) {
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
