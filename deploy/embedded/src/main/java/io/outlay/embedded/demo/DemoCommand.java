package io.outlay.embedded.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.embedded.cli.AuditClient;
import io.outlay.embedded.cli.AuditCommand;
import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.cli.Output;
import io.outlay.embedded.cli.Session;
import io.outlay.embedded.cli.StackOptions;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.scenario.EventPublisher;
import io.outlay.embedded.scenario.Reckoning;
import io.outlay.embedded.scenario.Scenario;
import io.outlay.embedded.scenario.ScenarioEvent;
import io.outlay.embedded.scenario.WebhookReceiver;
import io.outlay.embedded.stack.UsageException;
import io.outlay.price.PriceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the whole pipeline at work, and checks that what it shows is right. */
@Command(
    name = "demo",
    description = "Start everything, load two weeks of usage, show spend and an alert.")
public final class DemoCommand implements Callable<Integer> {
  private static final String MARKER = "demo.yaml";
  private static final Duration ALERT_WITHIN = Duration.ofSeconds(30);
  private static final Duration FACTS_WITHIN = Duration.ofSeconds(120);
  private static final int SECRET_BYTES = 32;

  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Option(names = "--once", description = "Stop everything at the end.")
  private boolean once;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the generated usage (default: ${DEFAULT-VALUE}).")
  private long seed;

  /**
   * @param sessions makes the session that this command runs in
   */
  public DemoCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Session session = sessions.open(options);
    Output output = session.output();
    Path root = session.data().root();
    clear(session, root);
    String secret = newSecret();
    try (WebhookReceiver oncall = new WebhookReceiver(0, secret)) {
      Path config = root.resolve(MARKER);
      Files.createDirectories(root);
      Files.writeString(config, configuration(oncall, secret));
      EmbeddedStack stack = session.stack(config);
      output.line("Starting everything on this machine");
      stack.up();
      boolean right;
      try {
        right = show(stack, oncall, output);
      } finally {
        if (once) {
          output.line("");
          stack.down();
        }
      }
      if (!once) {
        lookAround(session, stack);
      }
      return right ? 0 : 1;
    }
  }

  private boolean show(EmbeddedStack stack, WebhookReceiver oncall, Output output)
      throws IOException, InterruptedException {
    Instant now = Instant.now();
    String source = "outlay-demo";
    Scenario scenario = new Scenario(seed, now, new Reckoning(PriceFile.shipped()));
    EventPublisher publisher = new EventPublisher(stack.endpoints().collectors(), source);
    DemoBooks books =
        new DemoBooks(
            ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse()),
            source);

    output.line("");
    output.line("Loading %d days of usage of six teams".formatted(Scenario.DAYS));
    List<ScenarioEvent> history = scenario.history();
    publisher.publish(history, output::line);
    books.awaitFacts(history.size(), FACTS_WITHIN, output::line);
    output.line("");
    boolean right = books.check(history, output);
    books.print(output);
    if (oncall.waiting() > 0) {
      output.err().println("outlay: loading history must page nobody, but an alert came");
      right = false;
    }

    output.line("");
    output.line(
        "Now %s of team %s calls its model in a loop …"
            .formatted(Scenario.RUNAWAY_FEATURE, Scenario.RUNAWAY_TEAM));
    List<ScenarioEvent> runaway = scenario.runaway();
    publisher.publish(runaway, output::line);
    long sent = System.nanoTime();
    WebhookReceiver.Alert alert = oncall.await(ALERT_WITHIN);
    if (alert == null) {
      output
          .err()
          .println(
              "outlay: no alert within %d s (%d with a wrong signature); see ./outlay logs anomaly-detector"
                  .formatted(ALERT_WITHIN.toSeconds(), oncall.refused()));
      return false;
    }
    DemoAlert.print(alert, (System.nanoTime() - sent) / 1e9, output);
    List<ScenarioEvent> all = new ArrayList<>(history);
    all.addAll(runaway);
    books.awaitFacts(all.size(), FACTS_WITHIN, output::line);
    output.line("");
    right &= books.check(all, output);
    return audit(stack, output) && right;
  }

  /** The stack's own opinion, beside that of the demonstration. */
  private static boolean audit(EmbeddedStack stack, Output output)
      throws IOException, InterruptedException {
    JsonNode report =
        AuditClient.audit(stack.endpoints().sink(), (int) FACTS_WITHIN.toSeconds(), output::line);
    if (AuditClient.isBalanced(report)) {
      output.line(
          "./outlay audit: the books balance, all %d equations"
              .formatted(report.get("equations").size()));
      return true;
    }
    AuditCommand.lines(report).forEach(output.err()::println);
    return false;
  }

  private static void lookAround(Session session, EmbeddedStack stack) {
    Output output = session.output();
    output.line("");
    output.line("Everything keeps running. Look around:");
    output.line("  ./outlay sql \"SELECT * FROM spend_by_team ORDER BY day DESC LIMIT 10\"");
    output.line("  ./outlay sql \"SELECT * FROM cache_savings\"");
    output.line("  ./outlay sql \"SELECT * FROM gpu_utilization ORDER BY day DESC LIMIT 10\"");
    output.line("  " + session.command("audit"));
    output.line("  " + session.command("status"));
    output.line("Post your own events to " + stack.endpoints().collectors().resolve("/v1/events"));
    output.line("Stop it with:  " + session.command("down"));
  }

  /** The demonstration shows sums: it starts with a directory that holds nothing else. */
  private static void clear(Session session, Path root) throws IOException {
    if (!Files.isDirectory(root) || isEmpty(root)) {
      return;
    }
    if (!Files.exists(root.resolve(MARKER))) {
      throw new UsageException(
          root
              + " holds data that is not the demonstration's; run ./outlay demo --data DIR with a"
              + " directory of its own");
    }
    session.output().line("Removing the former demonstration's data in " + root);
    session.existing().down();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(root)) {
          Files.delete(path);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  private static String configuration(WebhookReceiver oncall, String secret) {
    return """
        # Written by ./outlay demo; the next demonstration replaces it.
        receivers:
          - {name: oncall, type: webhook, url: "%s", secret: "%s", allowPrivate: true}
        rules:
          - {name: daily-spend, type: spend-ratio, threshold: 1.2, window: 1d, baseline: 7d,
             by: [team, model, feature], minImpactUsd: 25, receivers: [oncall]}
        """
        .formatted(oncall.url(), secret);
  }

  private static String newSecret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return "whsec_" + Base64.getEncoder().encodeToString(bytes);
  }
}
