package io.outlay.detector.delivery;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Posts signed messages to a webhook. 2xx is success and 410 the end; anything else, redirects
 * included, is a failure that may pass.
 */
public final class WebhookTransport implements Transport {
  /** Longest that one attempt takes, from connecting to the last byte of the answer. */
  public static final Duration TIMEOUT = Duration.ofSeconds(15);

  private static final int GONE = 410;

  private final URI url;
  private final WebhookSigner signer;
  private final HttpClient http;
  private final Clock clock;
  private final Duration timeout;

  /**
   * @param http follows no redirects; see {@link #client}
   */
  public WebhookTransport(URI url, WebhookSigner signer, HttpClient http, Clock clock) {
    this(url, signer, http, clock, TIMEOUT);
  }

  WebhookTransport(URI url, WebhookSigner signer, HttpClient http, Clock clock, Duration timeout) {
    this.url = url;
    this.signer = signer;
    this.http = http;
    this.clock = clock;
    this.timeout = timeout;
  }

  /** A client as this transport needs it. */
  public static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(TIMEOUT)
        .build();
  }

  @Override
  public Outcome send(Message message) throws InterruptedException {
    long timestamp = clock.instant().getEpochSecond();
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", message.contentType())
            .header("User-Agent", "outlay")
            .header("webhook-id", message.id())
            .header("webhook-timestamp", Long.toString(timestamp))
            .header("webhook-signature", signer.sign(message.id(), timestamp, message.body()))
            .POST(HttpRequest.BodyPublishers.ofString(message.body(), StandardCharsets.UTF_8))
            .build();
    // The request's own timeout ends with the headers; a body may trickle for ever.
    CompletableFuture<HttpResponse<Void>> answer =
        http.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      return outcome(answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return new Outcome.Failed("no answer within " + timeout, Duration.ZERO);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() instanceof IOException ? e.getCause() : e;
      return new Outcome.Failed(cause.toString(), Duration.ZERO);
    } finally {
      answer.cancel(true);
    }
  }

  private Outcome outcome(HttpResponse<Void> answer) {
    int status = answer.statusCode();
    if (status >= 200 && status < 300) {
      return new Outcome.Accepted();
    }
    if (status == GONE) {
      return new Outcome.Gone();
    }
    Duration notBefore =
        answer
            .headers()
            .firstValue("Retry-After")
            .map(value -> retryAfter(value, clock.instant()))
            .orElse(Duration.ZERO);
    return new Outcome.Failed("answered " + status, notBefore);
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
