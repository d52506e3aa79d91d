package io.outlay.detector.incident;

import io.outlay.detector.spend.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Names that follow from what they name, so that the same incident and the same notification have
 * the same name in every process and after every restart.
 */
final class Names {
  private static final int BYTES = 16;

  private Names() {}

  static String incident(String rule, Scope scope, Instant windowStart) {
    return "inc_" + hash(rule, scope.toString(), windowStart.toString());
  }

  /**
   * The incident after another of the same rule and scope, where windows do not tell them apart.
   */
  static String next(String rule, Scope scope, String former) {
    return "inc_" + hash(rule, scope.toString(), "after", former);
  }

  static String dedupKey(String rule, Scope scope) {
    return "outlay_" + hash(rule, scope.toString());
  }

  /** {@code webhook-id} of a state of an incident for a receiver. */
  static String message(String incidentId, int state, String receiver) {
    return "msg_" + hash(incidentId, Integer.toString(state), receiver);
  }

  /** Each part after its length, so that parts cannot run into each other. */
  private static String hash(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).array());
        digest.update(utf8);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
