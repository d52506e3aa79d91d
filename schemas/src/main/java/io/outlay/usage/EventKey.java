package io.outlay.usage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What identifies an event: the first 16 bytes of SHA-256 over {@code source}, a zero byte and
 * {@code id}, both in UTF-8. It is the Kafka key of the event, so equal events meet in one
 * partition; producers in any language can compute it.
 *
 * @param high first 8 bytes, big endian
 * @param low last 8 bytes, big endian
 */
public record EventKey(long high, long low) {
  /** Bytes of a key. */
  public static final int LENGTH = 16;

  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(
          () -> {
            try {
              return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
              throw new IllegalStateException("every Java platform has SHA-256", e);
            }
          });

  /** The key of the event that {@code source} numbered {@code id}. */
  public static EventKey of(String source, String id) {
    // Both at hand before the shared digest is touched: a failure halfway would spoil the next key.
    byte[] sourceUtf8 = source.getBytes(StandardCharsets.UTF_8);
    byte[] idUtf8 = id.getBytes(StandardCharsets.UTF_8);
    MessageDigest digest = SHA_256.get();
    digest.update(sourceUtf8);
    digest.update((byte) 0);
    byte[] hash = digest.digest(idUtf8);
    ByteBuffer buffer = ByteBuffer.wrap(hash);
    return new EventKey(buffer.getLong(), buffer.getLong());
  }

  /**
   * Reads a Kafka key.
   *
   * @throws IllegalArgumentException if it has not {@link #LENGTH} bytes
   */
  public static EventKey ofBytes(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(
          "an event key has " + LENGTH + " bytes, this one has " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new EventKey(buffer.getLong(), buffer.getLong());
  }

  /** The Kafka key. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(LENGTH).putLong(high).putLong(low).array();
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
