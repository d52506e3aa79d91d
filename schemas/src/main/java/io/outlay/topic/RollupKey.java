package io.outlay.topic;

import io.outlay.schema.RollupWindow;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Key of a rollup: window start (8 bytes, big endian, so that keys sort by time), window length (1
 * byte), then team, model and feature, each as 2 bytes of length and UTF-8.
 */
public record RollupKey(
    RollupWindow window, long startMicros, String team, String model, String feature)
    implements WindowKey {
  private static final int MAX_PART_BYTES = 0xffff;

  @Override
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(startMicros);
      out.writeByte(window.ordinal());
      write(out, team);
      write(out, model);
      write(out, feature);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public byte[] scopeBytes() {
    byte[] whole = toBytes();
    return Arrays.copyOfRange(whole, Long.BYTES + 1, whole.length);
  }

  /**
   * Reads a Kafka key.
   *
   * @throws IllegalArgumentException if the bytes are no such key
   */
  public static RollupKey ofBytes(byte[] bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      long start = buffer.getLong();
      RollupWindow window = RollupWindow.values()[buffer.get()];
      RollupKey key = new RollupKey(window, start, read(buffer), read(buffer), read(buffer));
      if (buffer.hasRemaining()) {
        throw new IllegalArgumentException(buffer.remaining() + " bytes are left over");
      }
      return key;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a rollup key: " + bytes.length + " bytes", e);
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MAX_PART_BYTES) {
      throw new IllegalArgumentException(
          "a part of a rollup key has at most "
              + MAX_PART_BYTES
              + " bytes, this one has "
              + utf8.length);
    }
    out.writeShort(utf8.length);
    out.write(utf8);
  }

  private static String read(ByteBuffer buffer) {
    byte[] utf8 = new byte[Short.toUnsignedInt(buffer.getShort())];
    buffer.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
