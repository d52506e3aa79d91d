package io.outlay.embedded.cli;

import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.stack.Part;
import io.outlay.embedded.stack.PartStatus;
import io.outlay.embedded.stack.Stack;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts the stack. */
@Command(
    name = "up",
    description = "Start everything, or what is missing, and wait until it is ready.")
final class UpCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration, YAML (OUTLAY_CONFIG; default: everything by default).")
  private @Nullable Path config;

  UpCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() {
    Session session = sessions.open(options);
    EmbeddedStack stack = session.stack(config);
    long begin = System.nanoTime();
    Stack.Outcome outcome = stack.up();
    session
        .output()
        .line(
            outcome == Stack.Outcome.WAS_UP
                ? "Everything is running and ready already."
                : "Everything is ready, after %.1f s."
                    .formatted((System.nanoTime() - begin) / 1e9));
    session.output().line("");
    printAddresses(session, stack);
    session.output().line("");
    session.output().line("Data and logs: " + session.data().root());
    session.output().line("Stop it with:  " + session.command("down"));
    return 0;
  }

  /** Prints where each part listens. */
  static void printAddresses(Session session, EmbeddedStack stack) {
    TextTable table = new TextTable("PART", "ADDRESS");
    List<Part> parts = stack.status().stream().map(PartStatus::part).toList();
    parts.forEach(part -> table.row(part.name(), part.address()));
    table.lines().forEach(session.output()::line);
  }
}
