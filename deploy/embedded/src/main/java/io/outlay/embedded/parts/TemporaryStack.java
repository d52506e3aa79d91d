package io.outlay.embedded.parts;

import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stack on free ports of the loopback interface, with data of its own. Nothing is left of it once
 * it is closed, or once the virtual machine was asked to end.
 */
public final class TemporaryStack implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1:";

  private final Path directory;
  private final EmbeddedStack stack;
  private final Thread onExit = new Thread(this::remove, "remove-temporary-stack");
  private boolean removed;

  private TemporaryStack(Path directory, EmbeddedStack stack) {
    this.directory = directory;
    this.stack = stack;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /**
   * A stack that does not run yet.
   *
   * @param configuration YAML without addresses; null for the defaults
   * @param environment of the launcher; its configuration is not used
   */
  public static TemporaryStack open(
      Installation installation,
      @Nullable String configuration,
      Map<String, String> environment,
      Progress progress) {
    try {
      Path directory = Files.createTempDirectory("outlay-temporary");
      Path file = null;
      if (configuration != null) {
        file = directory.resolve("outlay.yaml");
        Files.writeString(file, configuration);
      }
      return new TemporaryStack(
          directory,
          EmbeddedStack.open(
              installation,
              new DataDirectory(directory.resolve("data")),
              file,
              addresses(environment),
              progress));
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    }
  }

  /** The stack, to be started. */
  public EmbeddedStack stack() {
    return stack;
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The virtual machine is ending: the hook has run, or finds nothing to do.
      return;
    }
  }

  private synchronized void remove() {
    if (removed) {
      return;
    }
    removed = true;
    stack.down();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }

  private static Map<String, String> addresses(Map<String, String> environment) {
    List<String> ports = freePorts(8);
    Map<String, String> variables = new HashMap<>(environment);
    variables.keySet().removeIf(name -> name.startsWith("OUTLAY_"));
    variables.put("OUTLAY_KAFKA_BOOTSTRAPSERVERS", LOOPBACK + ports.get(0));
    variables.put("OUTLAY_REGISTRY_URL", "http://" + LOOPBACK + ports.get(1) + "/apis/ccompat/v7");
    variables.put("OUTLAY_CLICKHOUSE_URL", "http://" + LOOPBACK + ports.get(2));
    variables.put("OUTLAY_COLLECTORS_PORT", ports.get(3));
    variables.put("OUTLAY_STREAMS_PORT", ports.get(4));
    variables.put("OUTLAY_SINK_PORT", ports.get(5));
    variables.put("OUTLAY_DETECTOR_PORT", ports.get(6));
    variables.put("OUTLAY_COLLECTORS_GRPCPORT", ports.get(7));
    return variables;
  }

  private static List<String> freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(socket -> Integer.toString(socket.getLocalPort())).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port", e);
    } finally {
      for (ServerSocket socket : sockets) {
        close(socket);
      }
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give a port back", e);
    }
  }
}
