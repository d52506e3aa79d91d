package io.outlay.collectors.http;

import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.outlay.collectors.access.Access;
import io.outlay.collectors.access.ApiKeys;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.ingest.ContentEncoding;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.IngestOutcome;
import io.outlay.collectors.otlp.Export;
import io.outlay.collectors.otlp.MetricServices;
import io.outlay.collectors.otlp.OtlpFormat;
import io.outlay.collectors.otlp.Signal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One of OTLP's services over gRPC, which have one method each. Messages reach the ingest as bytes,
 * as bodies over HTTP do. A call that finds no place is refused before its message is read.
 */
final class OtlpGrpc implements BindableService {
  private static final Logger LOG = Logger.getLogger(OtlpGrpc.class);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> API_KEY =
      Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final int RETRY_AFTER_OVERLOAD = 1;
  private static final int RETRY_AFTER_OUTAGE = 2;

  private final Signal signal;
  private final OtlpFormat format;
  private final Ingest ingest;
  private final ApiKeys keys;
  private final IngestMetrics metrics;
  private final Semaphore places;

  /**
   * @param places for calls, of all services
   */
  OtlpGrpc(
      Signal signal,
      MetricServices metricServices,
      Ingest ingest,
      ApiKeys keys,
      IngestMetrics metrics,
      Semaphore places) {
    this.signal = signal;
    this.format = OtlpFormat.protobuf(signal, metricServices);
    this.ingest = ingest;
    this.keys = keys;
    this.metrics = metrics;
    this.places = places;
  }

  @Override
  public ServerServiceDefinition bindService() {
    MethodDescriptor<byte[], byte[]> export =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(signal.service(), "Export"))
            .setRequestMarshaller(Bytes.INSTANCE)
            .setResponseMarshaller(Bytes.INSTANCE)
            .build();
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(signal.service()).addMethod(export).build())
        .addMethod(export, (ServerCallHandler<byte[], byte[]>) this::start)
        .build();
  }

  private ServerCall.Listener<byte[]> start(ServerCall<byte[], byte[]> call, Metadata headers) {
    Access access =
        keys.of(
            headers.get(AUTHORIZATION),
            headers.get(API_KEY),
            isThisMachine(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
    if (access instanceof Access.Unidentified unidentified) {
      metrics.refused(401);
      call.close(Status.UNAUTHENTICATED.withDescription(unidentified.detail()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (access instanceof Access.Forbidden forbidden) {
      metrics.refused(403);
      call.close(Status.PERMISSION_DENIED.withDescription(forbidden.detail()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (!places.tryAcquire()) {
      metrics.refused(503);
      later(call, Status.UNAVAILABLE, "too many requests are in flight", RETRY_AFTER_OVERLOAD);
      return new ServerCall.Listener<>() {};
    }
    call.request(1);
    return new Message(call, ((Access.Granted) access).publisher());
  }

  private static boolean isThisMachine(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && inet.getAddress().isLoopbackAddress();
  }

  /** The one message of a call. */
  private final class Message extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> call;
    private final Publisher publisher;
    private final AtomicBoolean holdsPlace = new AtomicBoolean(true);
    private byte @Nullable [] body;

    Message(ServerCall<byte[], byte[]> call, Publisher publisher) {
      this.call = call;
      this.publisher = publisher;
    }

    @Override
    public void onMessage(byte[] message) {
      body = message;
    }

    @Override
    public void onHalfClose() {
      byte[] message = body;
      body = null;
      if (message == null) {
        call.close(
            Status.INVALID_ARGUMENT.withDescription("the call has no message"), new Metadata());
        return;
      }
      try {
        take(call, publisher, message);
      } catch (RuntimeException e) {
        LOG.errorf(e, "a call of %s failed", signal.service());
        call.close(
            Status.INTERNAL.withDescription("the collector failed; its log has the cause"),
            new Metadata());
      }
    }

    @Override
    public void onCancel() {
      leave();
    }

    @Override
    public void onComplete() {
      leave();
    }

    private void leave() {
      if (holdsPlace.compareAndSet(true, false)) {
        places.release();
      }
    }
  }

  private void take(ServerCall<byte[], byte[]> call, Publisher publisher, byte[] message) {
    long started = System.nanoTime();
    String name = format.name();
    IngestOutcome outcome;
    try {
      outcome =
          ingest.ingest(
              format,
              new Ingest.Request(
                  publisher,
                  ContentEncoding.IDENTITY,
                  message.length,
                  new ByteArrayInputStream(message)),
              bytes -> metrics.bytesRead(name, bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can be read", e);
    }
    metrics.decided(name, outcome.counts());
    metrics.answered(name, answer(call, outcome), System.nanoTime() - started);
  }

  /** Answers a call; returns what would have been the status over HTTP. */
  private int answer(ServerCall<byte[], byte[]> call, IngestOutcome outcome) {
    if (outcome instanceof IngestOutcome.Answered answered) {
      call.sendHeaders(new Metadata());
      call.sendMessage(
          Export.response(signal, false, answered.counts().rejected(), answered.rejections()));
      call.close(Status.OK, new Metadata());
      return 200;
    }
    if (outcome instanceof IngestOutcome.Unreadable unreadable) {
      return refuse(call, unreadable.detail(), 400);
    }
    if (outcome instanceof IngestOutcome.TooLarge tooLarge) {
      return refuse(call, tooLarge.detail(), 413);
    }
    if (outcome instanceof IngestOutcome.RateLimited limited) {
      later(
          call,
          Status.RESOURCE_EXHAUSTED,
          limited.detail(),
          RateLimits.retryAfterSeconds(limited.retryAfter()));
      return 429;
    }
    if (outcome instanceof IngestOutcome.Overloaded overloaded) {
      later(call, Status.UNAVAILABLE, overloaded.detail(), RETRY_AFTER_OVERLOAD);
      return 503;
    }
    if (outcome instanceof IngestOutcome.Unavailable unavailable) {
      later(call, Status.UNAVAILABLE, unavailable.detail(), RETRY_AFTER_OUTAGE);
      return 503;
    }
    throw new IllegalStateException("no answer for " + outcome);
  }

  private static int refuse(ServerCall<byte[], byte[]> call, String detail, int status) {
    call.close(
        Status.INVALID_ARGUMENT.withDescription(detail + "; nothing of this request was stored"),
        new Metadata());
    return status;
  }

  /** Refuses a call that is worth trying again; only with this detail do clients do so. */
  private static void later(
      ServerCall<byte[], byte[]> call, Status status, String detail, int afterSeconds) {
    String description = detail + "; nothing was acknowledged, sending it again is safe";
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, Export.retryStatus(status.getCode().value(), description, afterSeconds));
    call.close(status.withDescription(description), trailers);
  }

  /** Messages as they come and go. */
  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream message) {
      try {
        return message.readAllBytes();
      } catch (IOException e) {
        throw Status.INVALID_ARGUMENT
            .withDescription("the message could not be received: " + e.getMessage())
            .withCause(e)
            .asRuntimeException();
      }
    }
  }
}
