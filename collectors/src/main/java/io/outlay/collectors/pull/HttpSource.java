package io.outlay.collectors.pull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An answer over HTTP, bounded in size and, from the connection to its last byte, in time. */
final class HttpSource implements Source {
  private static final int OK = 200;

  private final HttpClient client;
  private final HttpRequest request;
  private final Duration timeout;
  private final int maxBytes;

  /**
   * @param client follows no redirects: a target is where its configuration says
   * @param accept value of the header
   * @param maxBytes largest answer, ≥ 1
   */
  HttpSource(HttpClient client, URI url, Duration timeout, String accept, int maxBytes) {
    this.client = client;
    this.timeout = timeout;
    this.maxBytes = maxBytes;
    this.request =
        HttpRequest.newBuilder(url)
            .version(HttpClient.Version.HTTP_1_1)
            .header("Accept", accept)
            .timeout(timeout)
            .build();
  }

  /** Says that an answer is too large. */
  static String tooLarge(int maxBytes) {
    return "must have at most " + maxBytes + " bytes (collectors.maxBodyBytes)";
  }

  @Override
  public Content read() throws PullException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request,
            info ->
                info.statusCode() == OK
                    ? new Bounded(maxBytes)
                    : HttpResponse.BodySubscribers.replacing(new byte[0]));
    HttpResponse<byte[]> response;
    try {
      // The client's own timeout ends with the headers.
      response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw late(e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      answer.cancel(true);
    }
    if (response.statusCode() != OK) {
      String hint = response.statusCode() / 100 == 3 ? "; redirects are not followed" : "";
      throw new PullException("answered " + response.statusCode() + hint);
    }
    return new Content(
        response.body(),
        response.headers().firstValue("Content-Type").orElse(""),
        instant(response.headers().firstValue("Last-Modified").orElse("")));
  }

  private PullException failure(Throwable cause) {
    if (cause instanceof HttpTimeoutException) {
      return late(cause);
    }
    if (cause instanceof ConnectException) {
      return new PullException("cannot be connected to", cause);
    }
    return new PullException(String.valueOf(cause.getMessage()), cause);
  }

  private PullException late(Throwable cause) {
    return new PullException("did not answer within " + timeout.toMillis() + " ms", cause);
  }

  private static @Nullable Instant instant(String header) {
    if (header.isEmpty()) {
      return null;
    }
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(header, Instant::from);
    } catch (DateTimeException e) {
      // Unknown, like no header at all.
      return null;
    }
  }

  /** Takes a body as it comes, and stops where it is too large. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
    private final int max;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    Bounded(int max) {
      this.max = max;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (buffer.remaining() > max - bytes.size()) {
          if (subscription != null) {
            subscription.cancel();
          }
          body.completeExceptionally(new IOException(tooLarge(max)));
          return;
        }
        byte[] part = new byte[buffer.remaining()];
        buffer.get(part);
        bytes.writeBytes(part);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
