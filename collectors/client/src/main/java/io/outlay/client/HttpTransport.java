package io.outlay.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Posts batches to {@code /v1/events}. Never waits for an answer. */
final class HttpTransport {
  /** Below this, compression costs more than it saves. */
  private static final int MIN_GZIP_BYTES = 1024;

  /** More than an answer that rejects every event of the largest batch. */
  private static final int MAX_REPLY_BYTES = 8 << 20;

  private final HttpClient http;
  private final URI uri;
  private final @Nullable String apiKey;
  private final boolean gzip;
  private final Duration requestTimeout;

  HttpTransport(
      HttpClient http, URI endpoint, @Nullable String apiKey, boolean gzip, Duration timeout) {
    this.http = http;
    String base = endpoint.toString();
    this.uri = URI.create((base.endsWith("/") ? base : base + "/") + "v1/events");
    this.apiKey = apiKey;
    this.gzip = gzip;
    this.requestTimeout = timeout;
  }

  /** Sends one JSON array; the future can be cancelled. */
  CompletableFuture<HttpResponse<byte[]>> post(List<Entry> batch) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(requestTimeout)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, application/problem+json")
            .header("User-Agent", "outlay-client");
    if (apiKey != null) {
      request.header("Authorization", "Bearer " + apiKey);
    }
    byte[] body = array(batch);
    if (gzip && body.length >= MIN_GZIP_BYTES) {
      body = gzipped(body);
      request.header("Content-Encoding", "gzip");
    }
    return http.sendAsync(
        request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
        answer -> new BoundedBody());
  }

  private static byte[] array(List<Entry> batch) {
    int length = 1;
    for (Entry entry : batch) {
      length += entry.json().length + 1;
    }
    byte[] body = new byte[length];
    int at = 0;
    for (Entry entry : batch) {
      body[at++] = (byte) (at == 1 ? '[' : ',');
      System.arraycopy(entry.json(), 0, body, at, entry.json().length);
      at += entry.json().length;
    }
    body[at] = ']';
    return body;
  }

  private static byte[] gzipped(byte[] body) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(body.length / 4);
    try (GZIPOutputStream out = new FastGzip(packed)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return packed.toByteArray();
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(ByteArrayOutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** Keeps a body in memory, up to a bound; whatever answers need not be a collector. */
  private static final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        byte[] part = new byte[Math.min(buffer.remaining(), MAX_REPLY_BYTES - bytes.size())];
        buffer.get(part);
        bytes.writeBytes(part);
      }
      if (bytes.size() >= MAX_REPLY_BYTES && subscription != null) {
        subscription.cancel();
        onComplete();
      }
    }

    @Override
    public void onError(Throwable failure) {
      whole.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      whole.complete(bytes.toByteArray());
    }
  }
}
