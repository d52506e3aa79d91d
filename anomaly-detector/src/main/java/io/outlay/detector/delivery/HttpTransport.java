package io.outlay.detector.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Posts messages to one address, in its receiver's format. Each attempt resolves the name, checks
 * the addresses and connects to one of just these; the name still stands in {@code Host}, in the
 * TLS handshake and in what the certificate is held against. Redirects are not followed, proxies
 * not used, and a connection is for one attempt.
 */
public final class HttpTransport implements Transport {
  /** Longest that one attempt takes, from resolving to the last byte of the answer. */
  public static final Duration TIMEOUT = Duration.ofSeconds(15);

  private static final int MAX_ANSWER = 200;

  private final URI url;
  private final Format format;
  private final Clock clock;
  private final Duration timeout;
  private final CloseableHttpClient http;
  private final ExecutorService calls =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "delivery");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param url http or https
   * @param allowPrivate whether it may be at an address that is not one of the internet
   */
  public HttpTransport(URI url, Format format, boolean allowPrivate, Clock clock) {
    this(url, format, allowPrivate, clock, TIMEOUT, SystemDefaultDnsResolver.INSTANCE, null);
  }

  /**
   * @param names resolves names
   * @param trust null for what the platform trusts
   */
  HttpTransport(
      URI url,
      Format format,
      boolean allowPrivate,
      Clock clock,
      Duration timeout,
      DnsResolver names,
      @Nullable SSLContext trust) {
    this.url = url;
    this.format = format;
    this.clock = clock;
    this.timeout = timeout;
    Timeout each = Timeout.of(timeout);
    this.http =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(new CheckedResolver(names, allowPrivate))
                    .setTlsSocketStrategy(
                        // One way for both, so that the host name is checked in both.
                        new DefaultClientTlsStrategy(
                            trust == null ? SSLContexts.createDefault() : trust))
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(each)
                            .setSocketTimeout(each)
                            .build())
                    .build())
            .setConnectionReuseStrategy((request, response, context) -> false)
            .setUserAgent("outlay")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableContentCompression()
            .disableAuthCaching()
            .build();
  }

  @Override
  public Outcome send(Message message) throws InterruptedException {
    Format.Request content;
    try {
      content = format.request(message, clock.instant());
    } catch (IllegalArgumentException e) {
      return new Outcome.Refused(0, "cannot be told: " + e.getMessage());
    }
    HttpPost request = new HttpPost(url);
    content.headers().forEach(request::setHeader);
    request.setEntity(
        new ByteArrayEntity(
            content.body().getBytes(StandardCharsets.UTF_8),
            ContentType.parse(content.contentType())));
    // Timeouts of sockets begin anew with each byte, and names are resolved without any.
    Future<Outcome> answer = calls.submit(() -> http.execute(request, this::outcome));
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Outcome.Failed("no answer within " + timeout);
    } catch (ExecutionException e) {
      return new Outcome.Failed(reason(e.getCause()));
    } finally {
      request.abort();
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    calls.shutdownNow();
    http.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
  }

  private Outcome outcome(ClassicHttpResponse response) throws IOException {
    Header retryAfter = response.getFirstHeader("Retry-After");
    return format.judge(
        new Format.Answer(
            response.getCode(),
            retryAfter == null ? Duration.ZERO : retryAfter(retryAfter.getValue(), clock.instant()),
            beginning(response.getEntity())));
  }

  /** What can be shown of the answer; the rest of it is read as far as it is short. */
  private static String beginning(@Nullable HttpEntity entity) throws IOException {
    if (entity == null) {
      return "";
    }
    try (InputStream body = entity.getContent()) {
      byte[] start = body.readNBytes(MAX_ANSWER * 4);
      String text = new String(start, StandardCharsets.UTF_8).replaceAll("\\p{C}+", " ");
      return Bodies.cut(text.strip(), MAX_ANSWER);
    }
  }

  private static String reason(Throwable cause) {
    // Such as the name that a certificate is not for; the class alone says little.
    String kind = cause instanceof SSLException ? "TLS: " : cause.getClass().getSimpleName() + ": ";
    return kind + cause.getMessage();
  }

  /** Seconds or an HTTP date; what is neither asks for nothing. */
  static Duration retryAfter(String value, Instant now) {
    String text = value.strip();
    try {
      if (!text.isEmpty() && text.length() <= 9 && text.chars().allMatch(Character::isDigit)) {
        return Duration.ofSeconds(Long.parseLong(text));
      }
      Duration until =
          Duration.between(
              now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return until.isNegative() ? Duration.ZERO : until;
    } catch (DateTimeParseException e) {
      return Duration.ZERO;
    }
  }
}
