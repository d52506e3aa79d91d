package io.outlay.collectors.otlp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Identifies what has no identifier of its own by its content: equal content gives an equal digest,
 * in whatever order its attributes come.
 */
final class Digest {
  private static final int ID_BYTES = 16;

  private final MessageDigest sha256 = sha256();
  private final List<byte[]> unordered = new ArrayList<>();

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Adds an element of a set, which ends with {@link #endUnordered()}. */
  void addUnordered(Fields.Slice element) {
    unordered.add(element.copy());
  }

  void endUnordered() {
    unordered.sort(Arrays::compare);
    add(unordered.size());
    for (byte[] element : unordered) {
      add(element.length);
      sha256.update(element);
    }
    unordered.clear();
  }

  void add(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add(utf8.length);
    sha256.update(utf8);
  }

  void add(long number) {
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }

  /** 32 hexadecimal digits. */
  String id() {
    return HexFormat.of().formatHex(sha256.digest(), 0, ID_BYTES);
  }
}
