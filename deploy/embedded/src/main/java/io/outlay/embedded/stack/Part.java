package io.outlay.embedded.stack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A process of the stack.
 *
 * @param name what users call it; names its log and pid file
 * @param after names of the parts that must be ready before it is started; it is stopped before
 *     them
 * @param command program and arguments
 * @param environment the whole environment of the process
 * @param directory its working directory; created if missing
 * @param listeners where it listens
 * @param address what users connect to
 * @param readiness tells when it works
 * @param startWithin how long it may take to become ready
 */
public record Part(
    String name,
    List<String> after,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    List<Listener> listeners,
    String address,
    Readiness readiness,
    Duration startWithin) {

  /**
   * @throws IllegalArgumentException if there is no command
   */
  public Part {
    if (command.isEmpty()) {
      throw new IllegalArgumentException("part " + name + " has no command");
    }
    after = List.copyOf(after);
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    listeners = List.copyOf(listeners);
  }

  /** The same part among fewer others: it waits for none but these. */
  public Part among(Set<String> names) {
    return new Part(
        name,
        after.stream().filter(names::contains).toList(),
        command,
        environment,
        directory,
        listeners,
        address,
        readiness,
        startWithin);
  }

  /** The same part, which listens and is reached at one more place. */
  public Part alsoAt(Listener listener, String description) {
    return new Part(
        name,
        after,
        command,
        environment,
        directory,
        Stream.concat(listeners.stream(), Stream.of(listener)).toList(),
        address + ", " + description,
        readiness,
        startWithin);
  }
}
