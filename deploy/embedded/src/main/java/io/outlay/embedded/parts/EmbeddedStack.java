package io.outlay.embedded.parts;

import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.PartStatus;
import io.outlay.embedded.stack.Progress;
import io.outlay.embedded.stack.Stack;
import io.outlay.embedded.stack.UsageException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The stack of one data directory, with its configuration. */
public final class EmbeddedStack {
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final Installation installation;
  private final DataDirectory data;
  private final OutlayConfig config;
  private final StackRecord record;
  private final PartCatalog catalog;
  private final Progress progress;
  private final Stack stack;

  private EmbeddedStack(
      Installation installation,
      DataDirectory data,
      OutlayConfig config,
      StackRecord record,
      Map<String, String> environment,
      Progress progress) {
    this.installation = installation;
    this.data = data;
    this.config = config;
    this.record = record;
    this.progress = progress;
    this.catalog =
        new PartCatalog(
            installation, data, record.endpoints(), config, record.config(), environment);
    this.stack = new Stack(data, catalog.parts(), STOP_WITHIN, progress);
  }

  /**
   * Some of the parts, to be started and stopped without the others.
   *
   * @throws IllegalArgumentException if there is no part of a name
   */
  public Stack only(Set<String> names) {
    if (!PartCatalog.NAMES.containsAll(names)) {
      throw new IllegalArgumentException("parts are " + PartCatalog.NAMES + ", not " + names);
    }
    prepare();
    return new Stack(
        data,
        catalog.parts().stream()
            .filter(part -> names.contains(part.name()))
            .map(part -> part.among(names))
            .toList(),
        STOP_WITHIN,
        progress);
  }

  /**
   * The stack as a configuration describes it, to be started or used. While any of it runs, its
   * configuration is the one that it was started with.
   *
   * @param configFile null for the one that it runs with, or the defaults
   * @param environment of the launcher
   * @throws UsageException naming each key that is unknown or wrong, or what differs from the
   *     configuration of the running parts
   */
  public static EmbeddedStack open(
      Installation installation,
      DataDirectory data,
      @Nullable Path configFile,
      Map<String, String> environment,
      Progress progress) {
    EmbeddedStack found = find(installation, data, environment, progress);
    boolean running = found.stack.isAnyRunning();
    Optional<Path> file =
        Optional.ofNullable(configFile)
            .map(path -> path.toAbsolutePath().normalize())
            .or(() -> running ? found.record.config() : Optional.empty());
    OutlayConfig config = load(file, environment);
    StackRecord wanted = new StackRecord(Endpoints.of(config), file);
    if (running && !wanted.equals(found.record)) {
      throw new UsageException(
          "the stack runs with another configuration: "
              + difference(found.record, wanted)
              + "; run ./outlay down first");
    }
    return new EmbeddedStack(installation, data, config, wanted, environment, progress);
  }

  /**
   * The stack as it was last started, to be looked at or stopped. Works whatever became of its
   * configuration.
   *
   * @param environment of the launcher
   */
  public static EmbeddedStack find(
      Installation installation,
      DataDirectory data,
      Map<String, String> environment,
      Progress progress) {
    Optional<StackRecord> recorded = StackRecord.read(data);
    OutlayConfig config;
    Endpoints endpoints;
    try {
      config = load(recorded.flatMap(StackRecord::config), environment);
      endpoints = Endpoints.of(config);
    } catch (UsageException e) {
      config = load(Optional.empty(), Map.of());
      endpoints = Endpoints.of(config);
    }
    StackRecord record = recorded.orElse(new StackRecord(endpoints, Optional.empty()));
    return new EmbeddedStack(installation, data, config, record, environment, progress);
  }

  /** Names of all parts, in the order in which they are started. */
  public static List<String> partNames() {
    return PartCatalog.NAMES;
  }

  /** Whether every part has left its classes behind, so that starts are quick. */
  boolean hasArchives() {
    return catalog.archives().allMatch(ClassArchive::exists);
  }

  /**
   * Starts what does not run and waits until all is ready.
   *
   * @see Stack#up()
   */
  public Stack.Outcome up() {
    prepare();
    return stack.up();
  }

  private void prepare() {
    installation.requireBuilt();
    data.create();
    catalog.archives().forEach(ClassArchive::prepare);
    record.write(data);
  }

  /**
   * Stops all that runs.
   *
   * @see Stack#down()
   */
  public int down() {
    return stack.down();
  }

  /** How each part is doing. */
  public List<PartStatus> status() {
    return stack.status();
  }

  /** Where the parts listen. */
  public Endpoints endpoints() {
    return record.endpoints();
  }

  /** The configuration that the programs read. */
  public OutlayConfig config() {
    return config;
  }

  /** Where everything is kept. */
  public DataDirectory data() {
    return data;
  }

  private static OutlayConfig load(Optional<Path> file, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.keySet().removeAll(PartCatalog.LAUNCHER_VARIABLES);
    if (file.isPresent() && !Files.isReadable(file.get())) {
      throw new UsageException("there is no configuration file " + file.get());
    }
    try {
      return ConfigChecks.load(file.orElse(null), variables);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      throw new UsageException(
          "cannot read the configuration%s: %s"
              .formatted(file.map(path -> " " + path).orElse(""), e.getMessage()),
          e);
    }
  }

  private static String difference(StackRecord running, StackRecord wanted) {
    return running.config().equals(wanted.config())
        ? "%s instead of %s".formatted(running.endpoints(), wanted.endpoints())
        : "%s instead of %s".formatted(name(running.config()), name(wanted.config()));
  }

  private static String name(Optional<Path> config) {
    return config.map(Path::toString).orElse("the defaults");
  }
}
