package io.outlay.embedded.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What on-call would run: takes webhooks on loopback and keeps those whose signature is right. */
public final class WebhookReceiver implements AutoCloseable {
  private static final String PATH = "/oncall";
  private static final int MAX_BODY = 1 << 20;

  private final HttpServer server;
  private final byte[] key;
  private final ObjectMapper json = new ObjectMapper();
  private final BlockingQueue<Alert> alerts = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();

  /**
   * An alert as it was received.
   *
   * @param body the CloudEvent
   */
  public record Alert(String webhookId, JsonNode body) {
    public JsonNode data() {
      return body.path("data");
    }
  }

  /**
   * @param port 0 for any
   * @param secret as Standard Webhooks write it
   */
  public WebhookReceiver(int port, String secret) throws IOException {
    key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(PATH, this::receive);
    server.start();
  }

  /** Where to send webhooks. */
  public URI url() {
    return URI.create(
        "http://%s:%d%s"
            .formatted(
                server.getAddress().getAddress().getHostAddress(),
                server.getAddress().getPort(),
                PATH));
  }

  /** The next alert, or null if none comes in time. */
  public @Nullable Alert await(Duration within) throws InterruptedException {
    return alerts.poll(within.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Number of alerts that nobody has taken. */
  public int waiting() {
    return alerts.size();
  }

  /** Number of requests whose signature was wrong. */
  public int refused() {
    return refused.size();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      String id = header(exchange, "webhook-id");
      String signed = id + "." + header(exchange, "webhook-timestamp") + ".";
      boolean genuine = isGenuine(signed, body, header(exchange, "webhook-signature"));
      if (genuine) {
        alerts.add(new Alert(id, json.readTree(body)));
      } else {
        refused.add(id);
      }
      exchange.sendResponseHeaders(genuine ? 204 : 401, -1);
    }
  }

  private boolean isGenuine(String prefix, byte[] body, String signatures) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(prefix.getBytes(StandardCharsets.UTF_8));
      byte[] expected =
          ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)))
              .getBytes(StandardCharsets.UTF_8);
      for (String signature : signatures.split(" ", -1)) {
        if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) {
          return true;
        }
      }
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
