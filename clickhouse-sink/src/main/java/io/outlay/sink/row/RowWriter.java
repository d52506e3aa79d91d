package io.outlay.sink.row;

import io.outlay.money.Money;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Rows in ClickHouse's RowBinary format: values one after another, numbers little endian, texts as
 * UTF-8 after a variable-length byte count. Methods are named after the column types that they
 * write. Grows as needed; for one thread.
 */
public final class RowWriter {
  private static final int INITIAL_BYTES = 16 * 1024;
  private static final int DECIMAL_128_BYTES = 16;
  private static final int ONE_BYTE_LENGTHS = 0x80;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private int rows;

  /** Bytes written. */
  public int length() {
    return length;
  }

  /** Rows ended. */
  public int rows() {
    return rows;
  }

  /** Says that a row is complete. */
  public void endRow() {
    rows++;
  }

  /** Forgets what was written after {@code mark}, a former {@link #length}, amid a row. */
  void truncate(int mark) {
    length = mark;
  }

  /** Copies all rows to a stream. */
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, length);
  }

  /** The rows as bytes. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** {@code UInt8}, {@code Int8}, {@code Enum8}. */
  public void int8(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  /** {@code Bool}. */
  public void bool(boolean value) {
    int8(value ? 1 : 0);
  }

  /** {@code UInt16}, {@code Date} as days since 1970-01-01. */
  public void int16(int value) {
    reserve(2);
    bytes[length++] = (byte) value;
    bytes[length++] = (byte) (value >>> 8);
  }

  /** {@code UInt32}, {@code Int32}, {@code Decimal(9, s)} as a whole number of 10^-s. */
  public void int32(int value) {
    reserve(4);
    bytes[length++] = (byte) value;
    bytes[length++] = (byte) (value >>> 8);
    bytes[length++] = (byte) (value >>> 16);
    bytes[length++] = (byte) (value >>> 24);
  }

  /**
   * {@code UInt64}, {@code Int64}, {@code DateTime64(s)} and {@code Decimal(18, s)} as a whole
   * number of 10^-s.
   */
  public void int64(long value) {
    reserve(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  /**
   * {@code Decimal(38, 12)}.
   *
   * @throws IllegalArgumentException if the value has more than 12 decimals or 38 digits
   */
  public void decimal128(BigDecimal value) {
    BigInteger unscaled;
    try {
      unscaled = value.setScale(Money.SCALE).unscaledValue();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "must have at most 12 decimals, was " + value.toPlainString(), e);
    }
    if (unscaled.abs().toString().length() > 38) {
      throw new IllegalArgumentException("must have at most 38 digits, was " + value);
    }
    byte[] bigEndian = unscaled.toByteArray();
    byte sign = (byte) (unscaled.signum() < 0 ? -1 : 0);
    reserve(DECIMAL_128_BYTES);
    for (int i = 0; i < DECIMAL_128_BYTES; i++) {
      bytes[length++] = i < bigEndian.length ? bigEndian[bigEndian.length - 1 - i] : sign;
    }
  }

  /** {@code UUID} of two halves, of which the first is the more significant. */
  public void uuid(long high, long low) {
    int64(high);
    int64(low);
  }

  /** First byte of a {@code Nullable} value; the value follows only if it is not null. */
  public void nullable(boolean isNull) {
    int8(isNull ? 1 : 0);
  }

  /** Number of elements of an {@code Array} or a {@code Map}, or of bytes of a {@code String}. */
  public void size(int size) {
    reserve(5);
    int rest = size;
    while (rest >= ONE_BYTE_LENGTHS) {
      bytes[length++] = (byte) (rest | ONE_BYTE_LENGTHS);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** {@code String} of raw bytes. */
  public void string(byte[] value) {
    size(value.length);
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  /** {@code String} or {@code LowCardinality(String)}. */
  public void string(String value) {
    int characters = value.length();
    if (characters >= ONE_BYTE_LENGTHS || !shortAscii(value, characters)) {
      string(value.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** {@code Map(String, String)}. */
  public void map(Map<String, String> entries) {
    size(entries.size());
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      string(entry.getKey());
      string(entry.getValue());
    }
  }

  /** Most texts are short and plain: they are copied without an array between. */
  private boolean shortAscii(String value, int characters) {
    reserve(1 + characters);
    int at = length + 1;
    for (int i = 0; i < characters; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        return false;
      }
      bytes[at++] = (byte) c;
    }
    bytes[length] = (byte) characters;
    length = at;
    return true;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length + bytes.length / 2, length + more));
    }
  }
}
