package io.outlay.embedded.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The last step of the launcher's build; not for people. */
@Command(
    name = "prepare",
    hidden = true,
    description = "Start and stop everything once, so that later starts are quick.")
final class PrepareCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  PrepareCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() {
    sessions.trialRun().run();
    return 0;
  }
}
