package io.outlay.detector.delivery;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs as Standard Webhooks say. Safe for concurrent use. */
public final class WebhookSigner {
  private static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";

  private final List<SecretKeySpec> keys;

  /**
   * @param secret {@code whsec_} and base64
   * @throws IllegalArgumentException if it is not; its value is not shown
   */
  public WebhookSigner(String secret) {
    this(List.of(secret));
  }

  /**
   * @param secrets while one is being replaced, each of those that a receiver may know
   * @throws IllegalArgumentException if there is none, or one is none
   */
  public WebhookSigner(List<String> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("secret must be there");
    }
    keys = secrets.stream().map(WebhookSigner::key).toList();
  }

  private static SecretKeySpec key(String secret) {
    if (!secret.startsWith(PREFIX)) {
      throw new IllegalArgumentException("secret must begin with " + PREFIX);
    }
    return new SecretKeySpec(
        Base64.getDecoder().decode(secret.substring(PREFIX.length())), ALGORITHM);
  }

  /** The three headers of a request. */
  Map<String, String> headers(String id, Instant now, String body) {
    long timestamp = now.getEpochSecond();
    return Map.of(
        "webhook-id",
        id,
        "webhook-timestamp",
        Long.toString(timestamp),
        "webhook-signature",
        sign(id, timestamp, body));
  }

  /**
   * Value of {@code webhook-signature}: a signature for each secret.
   *
   * @param timestamp value of {@code webhook-timestamp}: seconds since 1970-01-01T00:00:00Z
   */
  public String sign(String id, long timestamp, String body) {
    byte[] signed = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
    return keys.stream().map(key -> sign(key, signed)).collect(Collectors.joining(" "));
  }

  private static String sign(SecretKeySpec key, byte[] signed) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
