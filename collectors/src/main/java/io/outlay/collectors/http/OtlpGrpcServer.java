package io.outlay.collectors.http;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.outlay.collectors.access.ApiKeys;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.otlp.MetricServices;
import io.outlay.collectors.otlp.Signal;
import io.outlay.config.OutlayConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Listens for OTLP over gRPC. */
@ApplicationScoped
public class OtlpGrpcServer {
  private static final Logger LOG = Logger.getLogger(OtlpGrpcServer.class);

  /** Calls at once; each holds a thread until the broker has answered, and its message. */
  private static final int MAX_CALLS = 32;

  private static final int MIN_CALLS = 4;

  /** What the messages of all calls together may have, as long as few calls are enough for it. */
  private static final long MAX_BYTES = 128L * 1024 * 1024;

  private static final int MAX_WAITING = 256;

  /** What comes of a message before it is asked for. */
  private static final int WINDOW_BYTES = 256 * 1024;

  private static final int MAX_METADATA_BYTES = 16 * 1024;

  private static final int STOP_WITHIN_SECONDS = 10;

  /**
   * How long a call may wait for its place, and then its message be on its way. It is in memory as
   * long, and those behind wait for it.
   */
  private static final Duration MAX_WAIT = Duration.ofSeconds(15);

  /** When a silent connection is asked whether there is somebody, and how long for an answer. */
  private static final int KEEP_ALIVE_SECONDS = 30;

  private static final int KEEP_ALIVE_ANSWER_SECONDS = 10;

  /** Clients may ask so often too; none does by itself more often than every 10 seconds. */
  private static final int MIN_CLIENT_KEEP_ALIVE_SECONDS = 5;

  @Inject OutlayConfig config;
  @Inject Ingest ingest;
  @Inject ApiKeys keys;
  @Inject IngestMetrics metrics;
  @Inject MetricServices metricServices;

  private Server server;
  private ExecutorService workers;
  private ScheduledThreadPoolExecutor timer;

  void start(@Observes StartupEvent event) {
    InetSocketAddress address =
        new InetSocketAddress(config.host(), config.collectors().grpcPort());
    AtomicInteger count = new AtomicInteger();
    int maxBytes = config.collectors().maxBodyBytes();
    int calls = (int) Math.max(MIN_CALLS, Math.min(MAX_CALLS, MAX_BYTES / maxBytes));
    // One more than there are calls, so that one is always there to say that it is too much.
    workers =
        Executors.newFixedThreadPool(
            calls + 1,
            task -> {
              Thread thread = new Thread(task, "otlp-grpc-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "otlp-grpc-timer");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    GrpcPlaces places = new GrpcPlaces(calls, MAX_WAITING);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .executor(workers)
            .maxInboundMessageSize(maxBytes)
            .flowControlWindow(WINDOW_BYTES)
            .maxInboundMetadataSize(MAX_METADATA_BYTES)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_ANSWER_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveTime(MIN_CLIENT_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // No connection takes all places.
            .maxConcurrentCallsPerConnection(calls - 1);
    for (Signal signal : Signal.values()) {
      builder.addService(
          new OtlpGrpc(
              signal,
              metricServices,
              ingest,
              keys,
              metrics,
              places,
              new OtlpGrpc.Patience(MAX_WAIT, timer)));
    }
    try {
      server = builder.build().start();
    } catch (IOException e) {
      workers.shutdown();
      timer.shutdownNow();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "collectors.grpcPort: "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " cannot be listened on: "
              + cause.getMessage(),
          e);
    }
    LOG.infof("OTLP over gRPC listens on %s:%d", address.getHostString(), server.getPort());
  }

  /** Before what it writes to is closed. */
  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    if (server != null) {
      server.shutdown();
      if (!server.awaitTermination(STOP_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
      workers.shutdown();
      timer.shutdownNow();
    }
  }
}
