package io.outlay.embedded;

import io.outlay.embedded.cli.OutlayCommand;
import io.outlay.embedded.cli.Output;

/** What {@code ./outlay} runs. Exits with 0, 1 (it failed), 2 (used wrongly) or 3 (not running). */
public final class Main {
  private Main() {}

  /** Runs one command. */
  public static void main(String[] args) {
    System.exit(OutlayCommand.commandLine(System.getenv(), Output.ofProcess()).execute(args));
  }
}
