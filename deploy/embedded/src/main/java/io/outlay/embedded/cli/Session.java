package io.outlay.embedded.cli;

import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.parts.TrialRun;
import io.outlay.embedded.stack.DataDirectory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one command works with: the installation, the data directory and the output. */
public final class Session {
  private static final String DATA = "OUTLAY_DATA";
  private static final String CONFIG = "OUTLAY_CONFIG";

  private final Installation installation;
  private final DataDirectory data;
  private final Map<String, String> environment;
  private final Output output;

  private Session(
      Installation installation,
      DataDirectory data,
      Map<String, String> environment,
      Output output) {
    this.installation = installation;
    this.data = data;
    this.environment = environment;
    this.output = output;
  }

  /** Makes sessions for commands. */
  public static final class Factory {
    private final Map<String, String> environment;
    private final Output output;

    /**
     * @param environment variables of this process
     * @param output where commands write
     */
    Factory(Map<String, String> environment, Output output) {
      this.environment = Map.copyOf(environment);
      this.output = output;
    }

    /** A start and stop of everything. */
    TrialRun trialRun() {
      return new TrialRun(Installation.ofLauncher(), environment, output::line);
    }

    /** A session for a command with these options. */
    public Session open(StackOptions options) {
      Installation installation = Installation.ofLauncher();
      Path data =
          Optional.ofNullable(options.data())
              .or(() -> variable(environment, DATA).map(Path::of))
              .orElseGet(installation::defaultData);
      return new Session(installation, new DataDirectory(data), environment, output);
    }
  }

  /**
   * The stack to be started or used.
   *
   * @param config null for the one that the environment names, that it runs with, or the defaults
   * @see EmbeddedStack#open
   */
  public EmbeddedStack stack(@Nullable Path config) {
    Path file = config != null ? config : variable(environment, CONFIG).map(Path::of).orElse(null);
    return EmbeddedStack.open(installation, data, file, environment, output::line);
  }

  /**
   * The stack as it was last started.
   *
   * @see EmbeddedStack#find
   */
  public EmbeddedStack existing() {
    return EmbeddedStack.find(installation, data, environment, output::line);
  }

  /** Where everything is kept. */
  public DataDirectory data() {
    return data;
  }

  /** Where to write. */
  public Output output() {
    return output;
  }

  /** How to call a command for this data directory. */
  public String command(String name) {
    boolean usual = data.equals(new DataDirectory(installation.defaultData()));
    return "./outlay " + name + (usual ? "" : " --data " + data.root());
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }
}
