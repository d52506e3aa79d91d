package io.outlay.collectors.ingest;

import java.io.IOException;
import java.io.InputStream;

/** A request body that counts its bytes and ends with an exception where they are too many. */
final class BoundedBody extends InputStream {
  private final InputStream in;
  private final int max;
  private final Admission.Place place;
  private long count;

  /**
   * @param max bytes allowed
   * @param place where they are accounted for while the request is in flight
   */
  BoundedBody(InputStream in, int max, Admission.Place place) {
    this.in = in;
    this.max = max;
    this.place = place;
  }

  /** Bytes read so far. */
  long count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    if (value >= 0) {
      take(1);
    }
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      take(read);
    }
    return read;
  }

  private void take(int read) throws IOException {
    count += read;
    if (count > max) {
      throw new BodyTooLargeException(max);
    }
    if (!place.hold(read)) {
      throw new OverloadedException();
    }
  }
}
