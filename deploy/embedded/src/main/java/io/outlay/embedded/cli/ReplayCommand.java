package io.outlay.embedded.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends through again what could not be counted, through streams-app. */
@Command(name = "replay", description = "Send through again what could not be counted.")
final class ReplayCommand {
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final Session.Factory sessions;

  ReplayCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Command(
      name = "dead-letters",
      description =
          "Send dead letters back to their topic, each once: repeated, it sends what is new or was"
              + " left. Wrong keys are put right on the way; what cannot be counted still becomes a"
              + " dead letter again. It goes on if this command is interrupted.")
  int deadLetters(
      @Mixin StackOptions options,
      @Option(
              names = "--reason",
              split = ",",
              paramLabel = "R",
              description =
                  "Only these: unreadable, invalid, wrong_key, too_late, cost_out_of_range. Without"
                      + " it all but too_late.")
          @Nullable List<String> reasons,
      @Option(names = "--source", paramLabel = "S", description = "Only events of this source.")
          @Nullable String source,
      @Option(
              names = "--from",
              paramLabel = "TIME",
              description = "Set aside at this time or later: a date (midnight UTC) or an instant.")
          @Nullable String from,
      @Option(names = "--to", paramLabel = "TIME", description = "Set aside before this time.")
          @Nullable String to,
      @Option(
              names = "--topic",
              paramLabel = "T",
              description = "usage (the default), or costs: what the sink could not store.")
          @Nullable String topic,
      @Option(names = "--why", paramLabel = "TEXT", description = "The occasion, to be recorded.")
          @Nullable String why,
      @Option(names = "--dry-run", description = "Only say what would be sent.") boolean dryRun)
      throws InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    put(query, "reason", reasons == null ? null : String.join(",", reasons));
    put(query, "source", source);
    put(query, "from", from);
    put(query, "to", to);
    put(query, "topic", topic);
    put(query, "why", why);
    query.put("by", System.getProperty("user.name", ""));
    query.put("dryRun", Boolean.toString(dryRun));
    Session session = sessions.open(options);
    new ReplayCall(session.existing().endpoints().streams(), QUIET).run(query, session.output());
    return 0;
  }

  private static void put(Map<String, String> query, String key, @Nullable String value) {
    if (value != null) {
      query.put(key, value);
    }
  }
}
