package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayFile;
import io.outlay.detector.spend.Cut;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Watches the configuration file and takes its rules, budgets and planned times when they change. A
 * file with a fault anywhere changes nothing. Of other keys it says that they need a restart. Safe
 * for concurrent use.
 */
final class RulesReload implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RulesReload.class);
  private static final long EVERY_SECONDS = 2;

  /** What is taken while the program runs. */
  private static final Set<String> TAKEN = Set.of("rules", "budgets", "planned");

  /** What only other programs read. */
  private static final Set<String> OF_OTHERS =
      Set.of("apiKeys", "attribution", "collectors", "pullers", "sink", "streams");

  private final @Nullable Path file;
  private final Settings atStart;
  private final Consumer<Settings> taker;
  private final Map<String, String> environment;
  private final Clock clock;
  private final ScheduledExecutorService timer;
  private final Map<String, String> keysAtStart;
  private volatile State state;
  private Map<String, String> keysInForce;
  private @Nullable Stamp stamp;

  /**
   * How the file and what is in force relate.
   *
   * @param file null if there is none
   * @param checkedAt when the file was last read
   * @param problems why it is refused, each naming key and value; empty if it is in force
   * @param needRestart keys with other values than at the start that are taken at the next one, and
   *     those that wait for the next start of the program that adds up the rollups
   */
  record State(
      @Nullable Path file, Instant checkedAt, List<String> problems, List<String> needRestart) {
    boolean isValid() {
      return problems.isEmpty();
    }
  }

  /** What tells cheaply that a file is another. */
  private record Stamp(Instant modified, long size, @Nullable Object inode) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(now.lastModifiedTime().toInstant(), now.size(), now.fileKey());
    }
  }

  /**
   * @param file null if the program runs without one; then there is nothing to watch
   * @param atStart what the program began with
   * @param taker takes settings with other rules or budgets
   */
  RulesReload(
      @Nullable Path file,
      Settings atStart,
      Consumer<Settings> taker,
      Map<String, String> environment,
      Clock clock) {
    this.file = file;
    this.atStart = atStart;
    this.taker = taker;
    this.environment = Map.copyOf(environment);
    this.clock = clock;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "rules-reload");
              thread.setDaemon(true);
              return thread;
            });
    this.keysAtStart = file == null ? Map.of() : OutlayFile.keys(file);
    this.keysInForce = keysAtStart;
    this.state = new State(file, clock.instant(), List.of(), List.of());
    this.stamp = file == null ? null : stampOf(file);
  }

  /** Begins to watch. */
  void start() {
    if (file != null) {
      var unused =
          timer.scheduleWithFixedDelay(this::look, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    }
  }

  State state() {
    return state;
  }

  /** Reads the file again if it is another. */
  synchronized void look() {
    if (file == null) {
      return;
    }
    Stamp now = stampOf(file);
    if (!Objects.equals(now, stamp)) {
      reload();
    }
  }

  /** Reads the file again. */
  synchronized State reload() {
    if (file == null) {
      return state;
    }
    stamp = stampOf(file);
    Map<String, String> keys;
    List<String> problems;
    List<String> needRestart = state.needRestart();
    try {
      keys = OutlayFile.keys(file);
      Settings next = Settings.of(ConfigChecks.load(file, environment));
      needRestart = needRestart(keys, next);
      problems = notWithoutRestart(next);
      if (problems.isEmpty() && !taken(keys).equals(taken(keysInForce))) {
        taker.accept(next);
        LOG.infof(
            "%s: %d rules and %d budgets are judged by from now on",
            file, next.rules().size(), next.budgets().size());
      }
      if (problems.isEmpty()) {
        keysInForce = keys;
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      problems = String.valueOf(e.getMessage()).lines().toList();
    } catch (UncheckedIOException e) {
      problems = List.of(String.valueOf(e.getMessage()));
    }
    if (!problems.isEmpty() && !problems.equals(state.problems())) {
      LOG.errorf("%s is refused, rules and budgets stay as they were: %s", file, problems);
    }
    if (!needRestart.isEmpty() && !needRestart.equals(state.needRestart())) {
      LOG.warnf("%s: taken at the next start: %s", file, needRestart);
    }
    state = new State(file, clock.instant(), problems, needRestart);
    return state;
  }

  /** Keys that differ from those at the start and are not taken while the program runs. */
  private List<String> needRestart(Map<String, String> keys, Settings next) {
    Set<String> all = new TreeSet<>(keysAtStart.keySet());
    all.addAll(keys.keySet());
    all.removeIf(key -> TAKEN.contains(top(key)) || OF_OTHERS.contains(top(key)));
    all.removeIf(key -> Objects.equals(keys.get(key), keysAtStart.get(key)));
    Set<Cut> known = new HashSet<>(atStart.cuts().values());
    next.cuts().forEach((key, cut) -> addUnlessKnown(all, known, key, cut));
    return List.copyOf(all);
  }

  /** Scopes of a cut that is new are added up only once the other program has started with it. */
  private static void addUnlessKnown(Set<String> keys, Set<Cut> known, String key, Cut cut) {
    if (!OF_OTHERS.contains(top(key)) && !cut.isOfCells() && !known.contains(cut)) {
      keys.add(key);
    }
  }

  /** What rules and budgets need that is not there before the next start. */
  private List<String> notWithoutRestart(Settings next) {
    List<String> problems = new ArrayList<>();
    if (!next.zone().equals(atStart.zone())) {
      problems.add("timezone: is changed by a restart only, was " + next.zone());
    }
    Set<String> running = new HashSet<>();
    atStart.receivers().forEach(receiver -> running.add(receiver.name()));
    next.told()
        .forEach(
            (key, receivers) ->
                receivers.stream()
                    .filter(receiver -> !running.contains(receiver))
                    .forEach(
                        receiver ->
                            problems.add(
                                key
                                    + ": "
                                    + receiver
                                    + " is a receiver from the next start on only")));
    return problems;
  }

  private static Map<String, String> taken(Map<String, String> keys) {
    Map<String, String> taken = new HashMap<>(keys);
    taken.keySet().removeIf(key -> !TAKEN.contains(top(key)));
    return taken;
  }

  private static String top(String key) {
    return key.split("[.\\[]", 2)[0];
  }

  private static @Nullable Stamp stampOf(Path file) {
    try {
      return Stamp.of(file);
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
