package io.outlay.embedded.cli;

import io.outlay.embedded.stack.PartStatus;
import io.outlay.embedded.stack.PartStatus.State;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows how each part is doing. */
@Command(
    name = "status",
    description = "Show how each part is doing; exit code 3 unless all are ready.")
final class StatusCommand implements Callable<Integer> {
  private static final int NOT_RUNNING = 3;
  private static final long MIB = 1L << 20;

  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  StatusCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() {
    Session session = sessions.open(options);
    List<PartStatus> parts = session.existing().status();
    TextTable table =
        new TextTable("PART", "STATE", "PID", "UPTIME", "MEMORY", "ADDRESS").alignRight(2, 3, 4);
    for (PartStatus part : parts) {
      table.row(
          part.part().name(),
          part.state().label(),
          part.pid().isPresent() ? Long.toString(part.pid().getAsLong()) : "-",
          part.state() == State.STOPPED ? "-" : uptime(part.uptime()),
          memory(part.residentBytes()),
          part.part().address());
    }
    table.lines().forEach(session.output()::line);
    parts.forEach(
        part ->
            part.reason()
                .ifPresent(reason -> session.output().line(part.part().name() + ": " + reason)));
    long total = parts.stream().flatMapToLong(part -> part.residentBytes().stream()).sum();
    if (total > 0) {
      session.output().line("Memory in total: " + total / MIB + " MiB");
    }
    return parts.stream().allMatch(part -> part.state() == State.READY) ? 0 : NOT_RUNNING;
  }

  private static String memory(OptionalLong bytes) {
    return bytes.isPresent() ? bytes.getAsLong() / MIB + " MiB" : "-";
  }

  /** Two units at most: {@code 3d 4h}, {@code 4h 5m}, {@code 5m 6s}, {@code 6s}. */
  static String uptime(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + "d " + duration.toHoursPart() + "h";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
    return duration.toMinutes() > 0
        ? duration.toMinutes() + "m " + duration.toSecondsPart() + "s"
        : duration.toSeconds() + "s";
  }
}
