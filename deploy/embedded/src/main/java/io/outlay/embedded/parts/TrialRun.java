package io.outlay.embedded.parts;

import io.outlay.embedded.stack.Progress;
import java.util.Map;

/**
 * Starts and stops everything once, on ports and data of its own, so that every part leaves the
 * archive of its classes behind: the starts that people wait for then take half the time.
 */
public final class TrialRun {
  private final Installation installation;
  private final Map<String, String> environment;
  private final Progress progress;

  /**
   * @param environment of the launcher; its configuration is not used
   */
  public TrialRun(Installation installation, Map<String, String> environment, Progress progress) {
    this.installation = installation;
    this.environment = environment;
    this.progress = progress;
  }

  /**
   * Runs, unless every archive is there.
   *
   * @throws io.outlay.embedded.stack.StackException if a part does not start
   */
  public void run() {
    try (TemporaryStack trial = TemporaryStack.open(installation, null, environment, progress)) {
      if (!trial.stack().hasArchives()) {
        trial.stack().up();
      }
    }
  }
}
