package io.outlay.collectors.ingest;

import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.ZipException;

/**
 * A request body, unpacked, with an end: counts what is read, and stops where it is too much for
 * the request or for all requests in flight together.
 *
 * <p>A body that is written while it is read has no largest size, but what it was packed into must
 * stand in a proportion that usage can have: a few bytes must not keep a thread busy for ever.
 */
final class BoundedBody extends InputStream {
  private static final long MAX_EXPANSION = 200;
  private static final long FREE_EXPANSION = 16L * 1024 * 1024;

  private final ContentEncoding encoding;
  private final Counted packed;
  private final long max;
  private final Admission.Place place;
  private InputStream body;
  private boolean opened;
  private long count;

  /**
   * @param max bytes allowed after unpacking; {@link Long#MAX_VALUE} for no limit
   * @param place where bytes are accounted for while the request is in flight, if there is a limit
   */
  BoundedBody(InputStream in, ContentEncoding encoding, long max, Admission.Place place) {
    this.packed = new Counted(in);
    this.body = packed;
    this.encoding = encoding;
    this.max = max;
    this.place = place;
  }

  /** Says that a body is too large. */
  static String tooMany(long max) {
    return "the body must have at most " + max + " bytes; send the rest in another request";
  }

  /** Bytes read so far, as they came. */
  long received() {
    return packed.count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read;
    try {
      if (!opened) {
        opened = true;
        body = encoding.unpack(packed);
      }
      read = body.read(buffer, offset, length);
    } catch (ZipException | EOFException | ZstdIOException e) {
      if (packed.failed) {
        throw e;
      }
      throw new BodyException(
          "the body is not "
              + encoding.name().toLowerCase(Locale.ROOT)
              + " as Content-Encoding says, or it breaks off: "
              + e.getMessage(),
          e);
    }
    if (read > 0) {
      take(read);
    }
    return read;
  }

  private void take(int read) throws IOException {
    count += read;
    if (count > max) {
      throw new BodyTooLargeException(tooMany(max));
    }
    if (count > FREE_EXPANSION && count / MAX_EXPANSION > packed.count) {
      throw new BodyTooLargeException(
          "the body must not be more than "
              + MAX_EXPANSION
              + " times as large unpacked as packed; pack less into it");
    }
    if (max < Long.MAX_VALUE && !place.hold(read)) {
      throw new OverloadedException();
    }
  }

  /** The bytes on the wire. */
  private static final class Counted extends InputStream {
    private final InputStream in;
    private long count;
    private boolean failed;

    Counted(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        int read = in.read(buffer, offset, length);
        count += Math.max(0, read);
        return read;
      } catch (IOException e) {
        failed = true;
        throw e;
      }
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }
  }
}
