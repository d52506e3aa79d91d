package io.outlay.sql.testing;

import com.clickhouse.client.api.Client;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The embedded ClickHouse endpoint in a process of its own, on a free loopback port and a data
 * directory of the test's. Can be stopped or killed and started again on the same port.
 */
public final class ClickHouseEndpoint implements AutoCloseable {
  private static final int READY_SECONDS = 60;
  private static final int STOP_SECONDS = 20;
  private static final int LINES_KEPT = 50;

  private final Path data;
  private final int port;
  private @Nullable Process process;

  private ClickHouseEndpoint(Path data, int port) {
    this.data = data;
    this.port = port;
  }

  /**
   * Starts an endpoint and waits until it answers.
   *
   * @param data directory of its own; kept when it stops
   * @throws IllegalStateException with what the process said, if it does not become ready
   */
  public static ClickHouseEndpoint start(Path data) {
    ClickHouseEndpoint endpoint = new ClickHouseEndpoint(data, freePort());
    endpoint.start();
    return endpoint;
  }

  /** Its address, such as {@code http://127.0.0.1:40123}. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** A client of it, to be closed by the caller. */
  public Client client() {
    return new Client.Builder()
        .addEndpoint(url().toString())
        .setUsername("default")
        .setPassword("")
        .build();
  }

  /** Starts it again after {@link #stop} or {@link #kill}. */
  public void start() {
    if (process != null) {
      throw new IllegalStateException("the endpoint runs already");
    }
    Path folder = folder();
    Deque<String> output = new ArrayDeque<>();
    CountDownLatch ready = new CountDownLatch(1);
    Process started;
    try {
      started =
          new ProcessBuilder(
                  "node", "start.cjs", "--data", data.toString(), "--port", Integer.toString(port))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start node in " + folder, e);
    }
    process = started;
    Thread reader = new Thread(() -> read(started, output, ready), "clickhouse-endpoint-output");
    reader.setDaemon(true);
    reader.start();
    try {
      boolean answered = ready.await(READY_SECONDS, TimeUnit.SECONDS);
      if (!answered || !started.isAlive()) {
        kill();
        synchronized (output) {
          throw new IllegalStateException(
              "the ClickHouse endpoint did not start:\n" + String.join("\n", output));
        }
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the ClickHouse endpoint started", e);
    }
  }

  /** Asks it to finish and waits; its data stays. */
  public void stop() {
    end(false);
  }

  /** Ends it without notice; its data stays. */
  public void kill() {
    end(true);
  }

  @Override
  public void close() {
    kill();
  }

  private void end(boolean forcibly) {
    Process running = process;
    process = null;
    if (running == null) {
      return;
    }
    if (forcibly) {
      running.destroyForcibly();
    } else {
      running.destroy();
    }
    try {
      if (!running.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static void read(Process process, Deque<String> output, CountDownLatch ready) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (output) {
          if (output.size() == LINES_KEPT) {
            output.removeFirst();
          }
          output.addLast(line);
        }
        if (line.contains(" ready at ")) {
          ready.countDown();
        }
      }
    } catch (IOException e) {
      synchronized (output) {
        output.addLast(e.toString());
      }
    }
    ready.countDown();
  }

  private static Path folder() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path folder = at.resolve("deploy/embedded/clickhouse");
      if (Files.exists(folder.resolve("start.cjs"))) {
        if (!Files.exists(folder.resolve("node_modules"))) {
          throw new IllegalStateException(
              "the ClickHouse engine is not installed: run npm ci in " + folder);
        }
        return folder;
      }
    }
    throw new IllegalStateException("no deploy/embedded/clickhouse above the working directory");
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port", e);
    }
  }
}
