package io.outlay.embedded.cli;

import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
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
  private static final Duration POLL = Duration.ofMillis(200);

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
    return new RepriceCall(session.existing().endpoints().streams(), POLL, session.output())
        .run(query);
  }
}
