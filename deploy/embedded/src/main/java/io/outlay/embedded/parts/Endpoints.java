package io.outlay.embedded.parts;

import io.outlay.config.OutlayConfig;
import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.UsageException;
import java.net.URI;
import java.util.Set;

/**
 * Where each part listens, and where its users reach it.
 *
 * @param kafka bootstrap servers
 * @param registry the Confluent-compatible API
 * @param clickhouse HTTP
 * @param host address that the programs bind to
 * @param collectorsPort ingest over HTTP
 * @param grpcPort ingest over gRPC
 * @param detectorPort anomaly-detector
 * @param streamsPort streams-app
 * @param sinkPort clickhouse-sink
 */
public record Endpoints(
    String kafka,
    URI registry,
    URI clickhouse,
    String host,
    int collectorsPort,
    int grpcPort,
    int detectorPort,
    int streamsPort,
    int sinkPort) {

  private static final String REGISTRY_API = "/apis/ccompat/v7";
  private static final Set<String> ANY = Set.of("0.0.0.0", "::", "[::]");

  /**
   * Checks that the stack can listen there.
   *
   * @throws UsageException naming key and value
   */
  public Endpoints {
    kafkaListener(kafka);
    listener("registry.url", registry);
    listener("clickhouse.url", clickhouse);
    if (!registry.getPath().replaceAll("/+$", "").equals(REGISTRY_API)) {
      throw new UsageException(
          "registry.url: the registry started here answers under "
              + REGISTRY_API
              + ", was "
              + registry);
    }
  }

  /**
   * What a configuration says.
   *
   * @throws UsageException naming key and value
   */
  public static Endpoints of(OutlayConfig config) {
    return new Endpoints(
        config.kafka().bootstrapServers(),
        config.registry().url(),
        config.clickhouse().url(),
        config.host(),
        config.collectors().port(),
        config.collectors().grpcPort(),
        config.detector().port(),
        config.streams().port(),
        config.sink().port());
  }

  /** Where the broker listens. */
  public Listener kafkaListener() {
    return kafkaListener(kafka);
  }

  /** Where the registry listens. */
  public Listener registryListener() {
    return listener("registry.url", registry);
  }

  /** Where ClickHouse listens. */
  public Listener clickhouseListener() {
    return listener("clickhouse.url", clickhouse);
  }

  /** Where events are posted: the root of the collectors' addresses. */
  public URI collectors() {
    return address(collectorsPort);
  }

  /** Where OTLP over gRPC is taken. */
  public URI otlp() {
    return address(grpcPort);
  }

  /** The root of the anomaly-detector's addresses. */
  public URI detector() {
    return address(detectorPort);
  }

  /** The root of streams-app's addresses. */
  public URI streams() {
    return address(streamsPort);
  }

  /** The root of clickhouse-sink's addresses. */
  public URI sink() {
    return address(sinkPort);
  }

  private URI address(int port) {
    String reachable = ANY.contains(host) ? "127.0.0.1" : host;
    return URI.create("http://" + new Listener("host", reachable, port).address());
  }

  private static Listener kafkaListener(String servers) {
    int colon = servers.lastIndexOf(':');
    if (colon < 1 || servers.contains(",") || !servers.substring(colon + 1).matches("\\d{1,5}")) {
      throw new UsageException(
          "kafka.bootstrapServers: must be one host:port, because one broker is started here; was "
              + servers);
    }
    return new Listener(
        "kafka.bootstrapServers",
        withoutBrackets(servers.substring(0, colon)),
        Integer.parseInt(servers.substring(colon + 1)));
  }

  private static Listener listener(String key, URI uri) {
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() < 0) {
      throw new UsageException(
          key + ": must be http://host:port, because it is started here; was " + uri);
    }
    return new Listener(key, withoutBrackets(uri.getHost()), uri.getPort());
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
