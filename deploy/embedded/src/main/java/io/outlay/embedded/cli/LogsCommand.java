package io.outlay.embedded.cli;

import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.stack.LogFile;
import io.outlay.embedded.stack.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what the parts have to say. */
@Command(name = "logs", description = "Show the end of the logs.")
final class LogsCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 250;

  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Parameters(paramLabel = "PART", arity = "0..1", description = "Whose; default: everyone's.")
  private @Nullable String part;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on showing what is written.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "100",
      description = "How many lines of each (${DEFAULT-VALUE}).")
  private int lines;

  LogsCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<String> names = EmbeddedStack.partNames();
    if (part != null && !names.contains(part)) {
      throw new UsageException("no part is named " + part + "; parts: " + String.join(", ", names));
    }
    if (lines < 0) {
      throw new UsageException("--lines must be >= 0, was " + lines);
    }
    Session session = sessions.open(options);
    List<Follower> followers = new ArrayList<>();
    for (String name : part == null ? names : List.of(part)) {
      LogFile log = session.data().log(name);
      long end = log.length();
      List<String> tail = log.tail(0, lines);
      if (part == null && !tail.isEmpty()) {
        session.output().line("==> " + name + " <==");
      }
      tail.forEach(session.output()::line);
      followers.add(new Follower(log, part == null ? name + " | " : "", end));
    }
    while (follow) {
      followers.forEach(follower -> follower.printNew(session.output()));
      Thread.sleep(POLL_MILLIS);
    }
    return 0;
  }

  /** Remembers how far a log has been shown. */
  private static final class Follower {
    private final LogFile log;
    private final String prefix;
    private long position;

    Follower(LogFile log, String prefix, long position) {
      this.log = log;
      this.prefix = prefix;
      this.position = position;
    }

    void printNew(Output output) {
      long end = log.length();
      if (end < position) {
        position = 0; // a new file in its place
      }
      String text = log.read(position, end);
      int complete = text.lastIndexOf('\n') + 1;
      if (complete > 0) {
        String whole = text.substring(0, complete);
        whole.lines().forEach(line -> output.line(prefix + line));
        position += whole.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      }
    }
  }
}
