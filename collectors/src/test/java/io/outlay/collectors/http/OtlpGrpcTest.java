package io.outlay.collectors.http;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.outlay.collectors.access.ApiKeys;
import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.ingest.Admission;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.UnavailableException;
import io.outlay.collectors.otlp.MetricServices;
import io.outlay.collectors.otlp.Signal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** One place, and nobody to write to: a call that is read is told so. */
class OtlpGrpcTest {
  private static final String READ = "there is nobody to write to";

  private final GrpcPlaces places = new GrpcPlaces(1, 2);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    Admission admission = new Admission(8, 1_000_000);
    Ingest ingest =
        new Ingest(
            () -> {
              throw new UnavailableException(READ);
            },
            admission,
            new RateLimits(Map.of()),
            new Attribution(List.of()),
            new Ingest.Limits(1_000, 10, Duration.ofMinutes(5)),
            InstantSource.system());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .addService(
                new OtlpGrpc(
                    Signal.TRACES,
                    new MetricServices(List.of()),
                    ingest,
                    new ApiKeys(Map.of(), false),
                    new IngestMetrics(registry, admission, () -> null),
                    places,
                    new OtlpGrpc.Patience(Duration.ofMillis(300), timer)))
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    timer.shutdownNow();
  }

  @Test
  void givenACallWithoutItsMessage_thenItEndsAndTheNextHasItsPlace() throws Exception {
    CompletableFuture<Status> idle = idle();

    assertThat(export().getDescription()).contains(READ);
    Status ended = idle.get(5, TimeUnit.SECONDS);
    assertThat(ended.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(ended.getDescription())
        .isEqualTo("the message did not come within 300 ms; nothing of this request was stored");
    assertThat(registry.get("outlay.ingest.requests").tag("status", "408").counter().count())
        .isEqualTo(1);
  }

  @Test
  void givenNoPlaceInTime_thenTheCallIsToldToComeAgain() {
    GrpcPlaces.Visit other = places.enter(() -> {});

    Status full = export();
    assertThat(full.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(full.getDescription()).startsWith("too many requests are in flight");

    other.leave();
    assertThat(export().getDescription()).as("its place in the queue is free").contains(READ);
  }

  private Status export() {
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                TraceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .export(ExportTraceServiceRequest.getDefaultInstance()))
        .getStatus();
  }

  /** Opens a call and sends nothing; gives what it ends with. */
  private CompletableFuture<Status> idle() {
    CompletableFuture<Status> status = new CompletableFuture<>();
    // Of a unary call no headers are sent before its message.
    ClientCall<ExportTraceServiceRequest, ExportTraceServiceResponse> call =
        channel.newCall(
            TraceServiceGrpc.getExportMethod().toBuilder()
                .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
                .build(),
            CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status ended, Metadata trailers) {
            status.complete(ended);
          }
        },
        new Metadata());
    return status;
  }
}
