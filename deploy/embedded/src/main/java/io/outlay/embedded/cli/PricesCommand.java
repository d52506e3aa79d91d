package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks into the price book and changes it, through streams-app. */
@Command(name = "prices", description = "Look at prices, import them, and see what has none.")
final class PricesCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Session.Factory sessions;

  PricesCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Command(
      name = "import",
      description =
          "Import a price list: all of it or, if anything in it is wrong, nothing. Prices that it"
              + " replaces get their end.")
  int importPrices(
      @Mixin StackOptions options,
      @Parameters(paramLabel = "FILE") Path file,
      @Option(
              names = "--format",
              defaultValue = "outlay",
              description = "outlay (YAML), csv or litellm (${DEFAULT-VALUE}).")
          String format,
      @Option(
              names = "--from",
              paramLabel = "DATE",
              description =
                  "Start of prices that name none: a date (midnight UTC) or an instant. Without it"
                      + " they always held.")
          @Nullable String from,
      @Option(names = "--dry-run", description = "Only say what would change.") boolean dryRun)
      throws IOException, InterruptedException {
    if (!Files.isReadable(file)) {
      throw new UsageException("FILE: cannot read " + file);
    }
    Map<String, String> query = new LinkedHashMap<>();
    query.put("format", format);
    query.put("origin", "import:" + file.getFileName());
    query.put("dryRun", Boolean.toString(dryRun));
    if (from != null) {
      query.put("from", from);
    }
    Session session = sessions.open(options);
    HttpResponse<String> answer =
        StreamsApi.send(
            HttpRequest.newBuilder(
                    StreamsApi.address(
                        session.existing().endpoints().streams(), "/v1/prices", query))
                .PUT(BodyPublishers.ofFile(file)));
    JsonNode body = JSON.readTree(answer.body());
    if (!body.has("report")) {
      throw StreamsApi.refused(body);
    }
    session.output().out().print(body.get("report").asText());
    session.output().out().flush();
    if (answer.statusCode() != 200) {
      session.output().err().println("outlay: nothing was changed");
      return 1;
    }
    session.output().line(dryRun ? "Nothing was changed: --dry-run." : "Done.");
    if (!body.path("changesPastFrom").isMissingNode() && !body.get("changesPastFrom").isNull()) {
      session
          .output()
          .line(
              "Usage since "
                  + body.get("changesPastFrom").asText().replace("always", "ever")
                  + " that was rated before keeps its cost until ./outlay reprice rates it again.");
    }
    return 0;
  }

  @Command(name = "list", description = "List the prices of the book.")
  int list(
      @Mixin StackOptions options,
      @Option(names = "--provider", description = "Of one provider or cloud.")
          @Nullable String provider,
      @Option(names = "--name", description = "Whose name contains this.") @Nullable String name,
      @Option(
              names = "--kind",
              description =
                  "model, gpu, compute, storage, storage_move, network, exchange_rate or discount.")
          @Nullable String kind,
      @Option(names = "--yaml", description = "As a price file, to edit and import.") boolean yaml)
      throws IOException, InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    StreamsApi.put(query, "provider", provider);
    StreamsApi.put(query, "name", name);
    StreamsApi.put(query, "kind", kind);
    Session session = sessions.open(options);
    HttpResponse<String> answer =
        StreamsApi.send(
            HttpRequest.newBuilder(
                    StreamsApi.address(
                        session.existing().endpoints().streams(), "/v1/prices", query))
                .header("Accept", yaml ? "application/yaml" : "application/json"));
    if (answer.statusCode() != 200) {
      throw StreamsApi.refused(JSON.readTree(answer.body()));
    }
    if (yaml) {
      session.output().out().print(answer.body());
      session.output().out().flush();
      return 0;
    }
    TextTable table = new TextTable("ID", "VERSION", "FROM", "TO", "RATES", "ORIGIN");
    for (JsonNode price : JSON.readTree(answer.body())) {
      table.row(
          price.get("id").asText(),
          price.get("version").asText(),
          price.path("validFrom").asText("").replace("null", ""),
          price.path("validTo").asText("").replace("null", ""),
          rates(price),
          price.get("origin").asText());
    }
    table.lines().forEach(session.output()::line);
    return 0;
  }

  @Command(
      name = "explain",
      description =
          "Say which price rates a usage and how each line comes about, for example:%n"
              + "  ./outlay prices explain provider=openai model=gpt-4o input=1200 output=300")
  int explain(
      @Mixin StackOptions options,
      @Parameters(
              paramLabel = "FIELD=VALUE",
              arity = "1..*",
              description =
                  "provider, model, time, team, customer, region, serviceTier, batch, input,"
                      + " cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, …; or gpuModel,"
                      + " gpuSeconds, cloud, purchaseOption; or tier, bytes, seconds.")
          List<String> fields)
      throws IOException, InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    for (String field : fields) {
      int equals = field.indexOf('=');
      if (equals < 1) {
        throw new UsageException("FIELD=VALUE: must hold an equals sign, was " + field);
      }
      query.put(field.substring(0, equals), field.substring(equals + 1));
    }
    Session session = sessions.open(options);
    HttpResponse<String> answer =
        StreamsApi.send(
            HttpRequest.newBuilder(
                StreamsApi.address(
                    session.existing().endpoints().streams(), "/v1/prices/explain", query)));
    JsonNode body = JSON.readTree(answer.body());
    if (answer.statusCode() != 200) {
      throw StreamsApi.refused(body);
    }
    explanation(body).forEach(session.output()::line);
    return 0;
  }

  @Command(name = "missing", description = "List usage that no price is known for.")
  int missing(@Mixin StackOptions options) throws IOException, InterruptedException {
    Session session = sessions.open(options);
    EmbeddedStack stack = session.existing();
    return ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse())
            .run(
                "SELECT type, provider, model, reason, events, teams, input_tokens, output_tokens,"
                    + " first_event_time, last_event_time FROM unpriced_usage"
                    + " ORDER BY events DESC, model",
                "PrettyCompactMonoBlock",
                session.output())
        ? 0
        : 1;
  }

  private static List<String> explanation(JsonNode body) {
    List<String> lines = new ArrayList<>();
    String reason = body.get("reason").asText();
    lines.add(body.get("status").asText() + (reason.isEmpty() ? "" : ": " + reason));
    lines.add("");
    lines.add("How the price was found");
    for (JsonNode step : body.get("steps")) {
      lines.add(
          (step.get("chosen").asBoolean() ? "  * " : "    ")
              + step.get("looked").asText()
              + ": "
              + step.get("found").asText());
    }
    for (JsonNode bill : body.get("bills")) {
      lines.add("");
      lines.add(
          bill.get("purpose").asText()
              + " by "
              + bill.get("priceId").asText()
              + ", version "
              + bill.get("priceVersion").asText());
      TextTable table =
          new TextTable("  METER", "QUANTITY", "RATE", "PER", "TIMES", "USD")
              .alignRight(1, 2, 3, 5);
      for (JsonNode line : bill.get("lines")) {
        table.row(
            "  " + line.get("meter").asText(),
            line.get("quantity").asText() + " " + line.get("unit").asText(),
            line.get("rate").asText() + " " + line.get("currency").asText(),
            line.get("per").asText(),
            texts(line.get("multipliers")),
            line.get("amount").asText());
      }
      table.row("  sum", "", "", "", "", bill.get("sum").asText());
      lines.addAll(table.lines());
    }
    return lines;
  }

  private static String rates(JsonNode price) {
    List<String> rates = new ArrayList<>();
    JsonNode cards = price.get("cards");
    if (!cards.isEmpty()) {
      cards
          .get(0)
          .get("rates")
          .properties()
          .forEach(rate -> rates.add(rate.getKey() + " " + rate.getValue().asText()));
    }
    if (cards.size() > 1) {
      rates.add("and " + (cards.size() - 1) + " more cards");
    }
    return String.join(", ", rates);
  }

  private static String texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return String.join(", ", texts);
  }
}
