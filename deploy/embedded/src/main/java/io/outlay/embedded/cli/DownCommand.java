package io.outlay.embedded.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the stack. */
@Command(name = "down", description = "Stop everything; the data stays, and up carries on with it.")
final class DownCommand implements Callable<Integer> {
  private final Session.Factory sessions;

  @Mixin private StackOptions options;

  DownCommand(Session.Factory sessions) {
    this.sessions = sessions;
  }

  @Override
  public Integer call() {
    Session session = sessions.open(options);
    int stopped = session.existing().down();
    session
        .output()
        .line(
            stopped == 0
                ? "Nothing was running."
                : "Stopped; the data stays in " + session.data().root());
    return 0;
  }
}
