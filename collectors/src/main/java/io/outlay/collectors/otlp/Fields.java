package io.outlay.collectors.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.outlay.collectors.format.UnreadableBodyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Walks the fields of a protobuf message in place. A message of many empty parts is small on the
 * wire and large as objects, so none are made of what is not looked at; and as each level is walked
 * by its own reader, nothing recurses.
 */
final class Fields {
  private final Slice message;
  private final CodedInputStream in;
  private int tag;

  /** The bytes of a message, part of a body. */
  record Slice(byte[] body, int from, int length) {
    static final Slice EMPTY = new Slice(new byte[0], 0, 0);

    static Slice of(byte[] body) {
      return new Slice(body, 0, body.length);
    }

    Fields fields() {
      return new Fields(this);
    }

    byte[] copy() {
      return Arrays.copyOfRange(body, from, from + length);
    }
  }

  private Fields(Slice message) {
    this.message = message;
    this.in = CodedInputStream.newInstance(message.body(), message.from(), message.length());
  }

  /** Goes to the next field; false at the end. */
  boolean next() throws UnreadableBodyException {
    try {
      tag = in.readTag();
    } catch (IOException e) {
      throw unreadable(e);
    }
    return tag != 0;
  }

  /** Number of the field. */
  int number() {
    return WireFormat.getTagFieldNumber(tag);
  }

  /** The field as a message, or as bytes. */
  Slice message() throws UnreadableBodyException {
    require(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    try {
      int length = in.readRawVarint32();
      int start = in.getTotalBytesRead();
      if (length < 0 || length > message.length() - start) {
        throw broken("a field of " + Integer.toUnsignedString(length) + " bytes breaks off");
      }
      in.skipRawBytes(length);
      return new Slice(message.body(), message.from() + start, length);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  String text() throws UnreadableBodyException {
    require(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    try {
      return in.readStringRequireUtf8();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The field as {@code int32}, {@code int64}, an enumeration or a truth value. */
  long varint() throws UnreadableBodyException {
    require(WireFormat.WIRETYPE_VARINT);
    try {
      return in.readRawVarint64();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The field as {@code fixed64}. */
  long fixed64() throws UnreadableBodyException {
    require(WireFormat.WIRETYPE_FIXED64);
    try {
      return in.readRawLittleEndian64();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The field as {@code double}. */
  double real() throws UnreadableBodyException {
    return Double.longBitsToDouble(fixed64());
  }

  /** Leaves the field alone. */
  void skip() throws UnreadableBodyException {
    try {
      if (!in.skipField(tag)) {
        throw broken("a group ends that never began");
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private void require(int wireType) throws UnreadableBodyException {
    if (WireFormat.getTagWireType(tag) != wireType) {
      throw broken(
          "field "
              + number()
              + " must have wire type "
              + wireType
              + ", had "
              + WireFormat.getTagWireType(tag));
    }
  }

  private UnreadableBodyException unreadable(IOException e) {
    if (!(e instanceof InvalidProtocolBufferException)) {
      throw new UncheckedIOException("bytes in memory can be read", e);
    }
    return broken(String.valueOf(e.getMessage()));
  }

  private UnreadableBodyException broken(String what) {
    return new UnreadableBodyException(
        "the body is not OTLP in protobuf: "
            + what
            + ", near byte "
            + (message.from() + in.getTotalBytesRead()),
        0,
        0);
  }
}
