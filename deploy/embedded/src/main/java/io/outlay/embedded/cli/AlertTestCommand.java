package io.outlay.embedded.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Has the detector send a test alert to a receiver, and shows what the receiver said. */
@Command(
    name = "alert-test",
    description =
        "Send a test alert to a receiver of the configuration, marked as one, the way real alerts go."
            + " Exit code 1 unless the receiver takes it.")
final class AlertTestCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  @Parameters(paramLabel = "NAME", description = "Name of the receiver.")
  private String name;

  AlertTestCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Session session = sessions.open(options);
    return new AlertTestCall(session.existing().endpoints().detector(), session.output()).run(name);
  }
}
