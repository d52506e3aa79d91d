package io.outlay.it;

import io.outlay.embedded.cli.ClickHouseQuery;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A stack of its own, on free ports and in a directory of its own, gone when closed. Broker,
 * registry and ClickHouse are the embedded ones, or containers where the build's profile {@code
 * containers} says so; the programs are the same.
 */
public abstract class RunningStack implements AutoCloseable {
  /** In the section of the collectors: services whose metrics are counted. */
  static final String METERED = ", otlpMetricsOf: [metered]";

  private static final String INFRASTRUCTURE_PROPERTY = "it.infrastructure";

  private static final int FIRST_PORT = 20_000;
  private static final int LAST_PORT = 32_000;
  private static final int PORT_TRIES = 1_000;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Starts one and waits until it is ready. Skips the test, saying why, if it wants containers and
   * no engine answers.
   *
   * @param configuration YAML without addresses, which are chosen here
   */
  static RunningStack start(String configuration) throws Exception {
    return "containers".equals(System.getProperty(INFRASTRUCTURE_PROPERTY))
        ? ContainerStack.start(configuration)
        : EmbeddedRunningStack.start(configuration);
  }

  /** Root of the collectors' addresses. */
  public abstract URI collectors();

  /** Where OTLP over gRPC is taken. */
  public abstract URI otlp();

  /** Root of streams-app's addresses. */
  public abstract URI streams();

  /** The broker's bootstrap servers. */
  public abstract String kafka();

  /** Root of the schema registry's API. */
  public abstract URI registry();

  /** Root of the sink's addresses. */
  public abstract URI sink();

  /** How to query. */
  public abstract ClickHouseQuery clickhouse();

  /** Kills a program as a crash would. */
  public abstract void kill(String program);

  /** Starts what does not run and waits until all is ready. */
  public abstract void up() throws Exception;

  /** Stops what the stack started itself; the data stays. */
  public abstract void down();

  @Override
  public abstract void close() throws Exception;

  /** Posts a body to the ingest edge. */
  public HttpResponse<String> post(String json) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(collectors().resolve("/v1/events"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What a query answers, tab-separated. */
  public String scalar(String sql) throws IOException, InterruptedException {
    return clickhouse().text(sql, "TabSeparated").strip();
  }

  /**
   * Ports that are free now, all different. None of those that systems give to outgoing
   * connections: such a one would be taken while a part that was killed is not back yet.
   */
  public static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int tries = 0; sockets.size() < count; tries++) {
        int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
        try {
          sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (BindException e) {
          if (tries > PORT_TRIES) {
            throw e;
          }
        }
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
