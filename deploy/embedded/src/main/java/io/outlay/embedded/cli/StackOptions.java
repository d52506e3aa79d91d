package io.outlay.embedded.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that has to do with the stack. */
public final class StackOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where data is kept (OUTLAY_DATA; default .outlay in the project's root).")
  private @Nullable Path data;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  @SuppressWarnings("unused") // picocli looks at it
  private boolean help;

  /** What was given; null for the default. */
  @Nullable Path data() {
    return data;
  }
}
