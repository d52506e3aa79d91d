package io.outlay.embedded.stack;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether a part could listen where it is to listen. */
public final class PortCheck {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTENING = "0A";

  private PortCheck() {}

  /**
   * Tries to listen there, and stops again.
   *
   * @return empty if it works, else one line that names the port, the part, who has it, and the key
   */
  public static Optional<String> problem(String part, Listener listener) {
    try (ServerSocket socket = new ServerSocket()) {
      // Connections of an earlier run that are still being wound up are no obstacle.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(listener.host()), listener.port()));
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of(listener.key() + ": no such host: " + listener.host());
    } catch (BindException e) {
      String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (reason.contains("cannot assign") || reason.contains("can't assign")) {
        return Optional.of(
            "%s: must be an address of this machine, because %s is started here; was %s"
                .formatted(listener.key(), part, listener.address()));
      }
      String why = reason.contains("in use") ? "is taken" + owner(listener.port()) : reason;
      return Optional.of(
          "port %d (%s) %s; stop it, or set %s to a free one"
              .formatted(listener.port(), part, why, listener.key()));
    } catch (IOException e) {
      return Optional.of("port %d (%s): %s".formatted(listener.port(), part, e.getMessage()));
    }
  }

  /** Names the process that listens on a port, where the system tells. */
  private static String owner(int port) {
    Set<String> sockets = new HashSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      collectSockets(PROC.resolve(table), port, sockets);
    }
    if (sockets.isEmpty()) {
      return "";
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if (holdsAny(process, sockets)) {
          return " by process " + process.getFileName() + name(process);
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }

  private static void collectSockets(Path table, int port, Set<String> sockets) {
    String suffix = ":%04X".formatted(port);
    try {
      for (String line : Files.readAllLines(table, StandardCharsets.ISO_8859_1)) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && fields[1].endsWith(suffix) && fields[3].equals(LISTENING)) {
          sockets.add("socket:[" + fields[9] + "]");
        }
      }
    } catch (IOException e) {
      // Another system, or not allowed: then the line does without the owner.
      return;
    }
  }

  private static boolean holdsAny(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // someone else's process, or gone
    }
    return false;
  }

  private static String name(Path process) {
    try {
      return " (" + Files.readString(process.resolve("comm")).strip() + ")";
    } catch (IOException e) {
      return "";
    }
  }
}
