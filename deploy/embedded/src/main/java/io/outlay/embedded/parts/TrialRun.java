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

/**
 * Starts and stops everything once, on ports and data of its own, so that every part leaves the
 * archive of its classes behind: the starts that people wait for then take half the time.
 */
public final class TrialRun {
  private static final String LOOPBACK = "127.0.0.1:";

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
    Path temporary;
    try {
      temporary = Files.createTempDirectory("outlay-trial");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    }
    try {
      EmbeddedStack stack =
          EmbeddedStack.open(
              installation, new DataDirectory(temporary), null, variables(), progress);
      if (!stack.hasArchives()) {
        try {
          stack.up();
        } finally {
          stack.down();
        }
      }
    } finally {
      delete(temporary);
    }
  }

  private Map<String, String> variables() {
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

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }
}
