package io.outlay.embedded.cli;

import io.outlay.detector.app.RuleFile;
import io.outlay.detector.backtest.Label;
import io.outlay.detector.backtest.Labels;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.stack.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs rules over the stored past. */
@Command(
    name = "backtest",
    description = {
      "Run rules over the stored past: what they would have alerted, when, and at what loss.",
      "Nothing is sent and no incident is kept.",
      "",
      "With a file of labels (scope,from,to,kind) also precision, recall and delay."
    })
final class BacktestCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Option(
      names = "--rule",
      required = true,
      paramLabel = "FILE",
      description = "Configuration whose rules are run; other keys in it need not be there.")
  private Path rule;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DATE",
      description =
          "First day or hour that is judged: a date in the file's time zone or an instant.")
  private String from;

  @Option(names = "--to", required = true, paramLabel = "DATE", description = "End, exclusive.")
  private String to;

  @Option(names = "--labels", paramLabel = "FILE", description = "CSV of what truly happened.")
  private @Nullable Path labels;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json (${DEFAULT-VALUE}).")
  private String format;

  BacktestCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!format.equals("table") && !format.equals("json")) {
      throw new UsageException("--format must be table or json, was " + format);
    }
    RuleFile rules = rules(rule);
    ZoneId zone = rules.zone();
    Instant start = instant("--from", from, zone);
    Instant end = instant("--to", to, zone);
    if (!start.isBefore(end)) {
      throw new UsageException("--to must be after --from, was " + from + " to " + to);
    }
    List<Label> known = labels == null ? List.of() : labels(labels, zone);
    Session session = sessions.open(options);
    EmbeddedStack stack = session.existing();
    BacktestCall call =
        new BacktestCall(
            ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse()),
            session.output());
    call.run(
        rules,
        start,
        end,
        labels == null ? Optional.empty() : Optional.of(known),
        format.equals("json"));
    return 0;
  }

  private static RuleFile rules(Path file) {
    RuleFile rules;
    try {
      rules = RuleFile.load(file, Map.of());
      if (rules.rules().isEmpty()) {
        throw new UsageException("--rule: " + file + " has no rules");
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException("--rule: " + e.getMessage(), e);
    }
    return rules;
  }

  private static List<Label> labels(Path file, ZoneId zone) throws IOException {
    if (!Files.isReadable(file)) {
      throw new UsageException("--labels: cannot read " + file);
    }
    try {
      return Labels.parse(Files.readString(file), zone);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--labels " + file + ": " + e.getMessage(), e);
    }
  }

  private static Instant instant(String option, String text, ZoneId zone) {
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay(zone).toInstant();
    } catch (DateTimeException e) {
      throw new UsageException(
          option + " must be a date or an instant such as 2026-11-27T08:00:00Z, was " + text, e);
    }
  }
}
