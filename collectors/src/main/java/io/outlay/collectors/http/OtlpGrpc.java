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
import io.grpc.StatusRuntimeException;
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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One of OTLP's services over gRPC, which have one method each. Messages reach the ingest as a
 * stream of bytes, as bodies over HTTP do.
 */
final class OtlpGrpc implements BindableService {
  private static final Logger LOG = Logger.getLogger(OtlpGrpc.class);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> API_KEY =
      Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** Statuses of HTTP, which requests are counted by over both transports. */
  private static final int OK = 200;

  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;

  private static final int RETRY_AFTER_OVERLOAD = 1;
  private static final int RETRY_AFTER_OUTAGE = 2;

  private final Signal signal;
  private final OtlpFormat format;
  private final Ingest ingest;
  private final ApiKeys keys;
  private final IngestMetrics metrics;
  private final GrpcPlaces places;
  private final Patience patience;

  /**
   * Ends calls that keep others waiting.
   *
   * @param atMost for a place, and then again for the whole message
   * @param timer where it is looked after
   */
  record Patience(Duration atMost, ScheduledExecutorService timer) {}

  /**
   * @param places for calls, of all services
   */
  OtlpGrpc(
      Signal signal,
      MetricServices metricServices,
      Ingest ingest,
      ApiKeys keys,
      IngestMetrics metrics,
      GrpcPlaces places,
      Patience patience) {
    this.signal = signal;
    this.format = OtlpFormat.protobuf(signal, metricServices);
    this.ingest = ingest;
    this.keys = keys;
    this.metrics = metrics;
    this.places = places;
    this.patience = patience;
  }

  @Override
  public ServerServiceDefinition bindService() {
    MethodDescriptor<InputStream, byte[]> export =
        MethodDescriptor.<InputStream, byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(signal.service(), "Export"))
            .setRequestMarshaller(Unread.INSTANCE)
            .setResponseMarshaller(Bytes.INSTANCE)
            .build();
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(signal.service()).addMethod(export).build())
        .addMethod(export, (ServerCallHandler<InputStream, byte[]>) this::start)
        .build();
  }

  private ServerCall.Listener<InputStream> start(
      ServerCall<InputStream, byte[]> call, Metadata headers) {
    Access access =
        keys.of(
            headers.get(AUTHORIZATION),
            headers.get(API_KEY),
            isThisMachine(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
    if (access instanceof Access.Unidentified unidentified) {
      metrics.refused(UNAUTHORIZED);
      call.close(Status.UNAUTHENTICATED.withDescription(unidentified.detail()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (access instanceof Access.Forbidden forbidden) {
      metrics.refused(FORBIDDEN);
      call.close(Status.PERMISSION_DENIED.withDescription(forbidden.detail()), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Message message = new Message(call, ((Access.Granted) access).publisher());
    GrpcPlaces.Visit visit = places.enter(message::request);
    if (visit == null) {
      overloaded(call);
      return new ServerCall.Listener<>() {};
    }
    message.await(visit);
    return message;
  }

  private void overloaded(ServerCall<InputStream, byte[]> call) {
    metrics.refused(SERVICE_UNAVAILABLE);
    later(call, Status.UNAVAILABLE, "too many requests are in flight", RETRY_AFTER_OVERLOAD);
  }

  private static boolean isThisMachine(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && inet.getAddress().isLoopbackAddress();
  }

  /**
   * The one message of a call. It is in memory as long as {@link #onMessage} runs, and as it comes:
   * the call has a place before it is asked for its message, so it must not take long to send it.
   */
  private final class Message extends ServerCall.Listener<InputStream> {
    private final ServerCall<InputStream, byte[]> call;
    private final Publisher publisher;

    /** Whether the message has come, or the call has ended without: whoever sets it goes on. */
    private final AtomicBoolean decided = new AtomicBoolean();

    /** By the clock of {@link System#nanoTime()}, null before. */
    private volatile @Nullable Long requested;

    private volatile @Nullable Future<?> check;
    private GrpcPlaces.@Nullable Visit visit;
    private @Nullable Runnable answer;

    Message(ServerCall<InputStream, byte[]> call, Publisher publisher) {
      this.call = call;
      this.publisher = publisher;
    }

    /** Once there is a place. */
    void request() {
      requested = System.nanoTime();
      call.request(1);
    }

    void await(GrpcPlaces.Visit entered) {
      visit = entered;
      checkIn(patience.atMost().toNanos());
    }

    private void checkIn(long nanos) {
      try {
        check = patience.timer().schedule(this::check, nanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debugf("a call of %s is not timed, as the collector stops", signal.service());
      }
    }

    private void check() {
      Long since = requested;
      long left = since == null ? 0 : since + patience.atMost().toNanos() - System.nanoTime();
      if (left > 0 && !decided.get()) {
        checkIn(left);
        return;
      }
      if (!decide()) {
        return;
      }
      leave();
      if (since == null) {
        overloaded(call);
        return;
      }
      metrics.refused(REQUEST_TIMEOUT);
      call.close(
          Status.DEADLINE_EXCEEDED.withDescription(
              "the message did not come within "
                  + patience.atMost().toMillis()
                  + " ms; nothing of this request was stored"),
          new Metadata());
    }

    /** Whether the caller is to go on with the call. */
    private boolean decide() {
      if (!decided.compareAndSet(false, true)) {
        return false;
      }
      Future<?> pending = check;
      if (pending != null) {
        pending.cancel(false);
      }
      return true;
    }

    private void leave() {
      GrpcPlaces.Visit entered = visit;
      if (entered != null) {
        entered.leave();
      }
    }

    @Override
    public void onMessage(InputStream message) {
      if (!decide()) {
        return;
      }
      try {
        answer = take(call, publisher, message);
      } catch (StatusRuntimeException e) {
        // What unpacks the message says so of one that is too large then.
        answer = () -> call.close(e.getStatus(), new Metadata());
      } catch (IOException e) {
        answer =
            () -> refuse(call, "the message could not be received: " + e.getMessage(), BAD_REQUEST);
      } catch (RuntimeException e) {
        LOG.errorf(e, "a call of %s failed", signal.service());
        answer =
            () ->
                call.close(
                    Status.INTERNAL.withDescription("the collector failed; its log has the cause"),
                    new Metadata());
      } finally {
        leave();
      }
    }

    @Override
    public void onHalfClose() {
      Runnable ready = answer;
      if (ready != null) {
        ready.run();
      } else if (decide()) {
        refuse(call, "the call has no message", BAD_REQUEST);
      }
    }

    @Override
    public void onCancel() {
      decide();
      leave();
    }

    @Override
    public void onComplete() {
      decide();
      leave();
    }
  }

  /** Takes a message; returns what answers it. */
  private Runnable take(
      ServerCall<InputStream, byte[]> call, Publisher publisher, InputStream message)
      throws IOException {
    long started = System.nanoTime();
    String name = format.name();
    IngestOutcome outcome =
        ingest.ingest(
            format,
            new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, message),
            bytes -> metrics.bytesRead(name, bytes));
    metrics.decided(name, outcome.counts());
    return () -> metrics.answered(name, answer(call, outcome), System.nanoTime() - started);
  }

  /** Answers a call; returns what would have been the status over HTTP. */
  private int answer(ServerCall<InputStream, byte[]> call, IngestOutcome outcome) {
    if (outcome instanceof IngestOutcome.Answered answered) {
      call.sendHeaders(new Metadata());
      call.sendMessage(
          Export.response(signal, false, answered.counts().rejected(), answered.rejections()));
      call.close(Status.OK, new Metadata());
      return OK;
    }
    if (outcome instanceof IngestOutcome.Unreadable unreadable) {
      return refuse(call, unreadable.detail(), BAD_REQUEST);
    }
    if (outcome instanceof IngestOutcome.TooLarge tooLarge) {
      return refuse(call, tooLarge.detail(), TOO_LARGE);
    }
    if (outcome instanceof IngestOutcome.RateLimited limited) {
      later(
          call,
          Status.RESOURCE_EXHAUSTED,
          limited.detail(),
          RateLimits.retryAfterSeconds(limited.retryAfter()));
      return TOO_MANY_REQUESTS;
    }
    if (outcome instanceof IngestOutcome.Overloaded overloaded) {
      later(call, Status.UNAVAILABLE, overloaded.detail(), RETRY_AFTER_OVERLOAD);
      return SERVICE_UNAVAILABLE;
    }
    if (outcome instanceof IngestOutcome.Unavailable unavailable) {
      later(call, Status.UNAVAILABLE, unavailable.detail(), RETRY_AFTER_OUTAGE);
      return SERVICE_UNAVAILABLE;
    }
    throw new IllegalStateException("no answer for " + outcome);
  }

  private static int refuse(ServerCall<InputStream, byte[]> call, String detail, int status) {
    call.close(
        Status.INVALID_ARGUMENT.withDescription(detail + "; nothing of this request was stored"),
        new Metadata());
    return status;
  }

  /** Refuses a call that is worth trying again; only with this detail do clients do so. */
  private static void later(
      ServerCall<InputStream, byte[]> call, Status status, String detail, int afterSeconds) {
    String description = detail + "; nothing was acknowledged, sending it again is safe";
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, Export.retryStatus(status.getCode().value(), description, afterSeconds));
    call.close(status.withDescription(description), trailers);
  }

  /** A message as it comes. */
  private enum Unread implements MethodDescriptor.Marshaller<InputStream> {
    INSTANCE;

    @Override
    public InputStream stream(InputStream message) {
      return message;
    }

    @Override
    public InputStream parse(InputStream message) {
      return message;
    }
  }

  /** A message as it goes. */
  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream message) {
      throw new UnsupportedOperationException("only clients read answers");
    }
  }
}
