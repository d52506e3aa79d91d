package io.outlay.embedded.kafka;

import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.Readiness;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;

/** Ready when the broker says that it is part of a cluster, and who controls it. */
public final class BrokerReadiness implements Readiness {
  private static final int TIMEOUT_MILLIS = 2_000;

  private final Listener listener;

  /** Asks the broker that listens there. */
  public BrokerReadiness(Listener listener) {
    this.listener = listener;
  }

  @Override
  public Optional<String> whyNotReady() {
    // A client would wait and try again: asking whether somebody listens is cheaper.
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(listener.host(), listener.port()), TIMEOUT_MILLIS);
    } catch (IOException e) {
      return Optional.of("nothing listens at " + listener.address() + " yet");
    }
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                listener.address(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS,
                AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG,
                false))) {
      DescribeClusterResult cluster = admin.describeCluster();
      if (cluster.nodes().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).isEmpty()) {
        return Optional.of("the broker has not joined its cluster yet");
      }
      return cluster.controller().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS) == null
          ? Optional.of("the cluster has no controller yet")
          : Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(String.valueOf(e.getCause().getMessage()));
    } catch (TimeoutException e) {
      return Optional.of("the broker does not answer within " + TIMEOUT_MILLIS + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
