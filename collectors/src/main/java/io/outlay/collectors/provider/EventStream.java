package io.outlay.collectors.provider;

import io.outlay.collectors.format.UnreadableBodyException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Takes a body of type {@code text/event-stream} apart. */
final class EventStream {
  private static final String DATA = "data:";

  private EventStream() {}

  /** Told of the data of the events, one by one. */
  @FunctionalInterface
  interface Sink {
    /**
     * @param data of an event
     * @param line on which the event ends, from 1
     */
    void event(byte[] data, int line) throws UnreadableBodyException, IOException;
  }

  /** Reads a body to its end. An event that is cut off at the end counts too. */
  static void read(InputStream body, Sink sink) throws UnreadableBodyException, IOException {
    InputStream in = new BufferedInputStream(body);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    int lines = 0;
    for (int b = in.read(); ; b = in.read()) {
      if (b >= 0 && b != '\n') {
        line.write(b);
        continue;
      }
      lines++;
      byte[] bytes = line.toByteArray();
      line.reset();
      int length =
          bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
      if (isData(bytes, length)) {
        int from =
            length > DATA.length() && bytes[DATA.length()] == ' '
                ? DATA.length() + 1
                : DATA.length();
        if (data.size() > 0) {
          data.write('\n');
        }
        data.write(bytes, from, length - from);
      }
      boolean ends = length == 0 || b < 0;
      if (ends && data.size() > 0) {
        sink.event(data.toByteArray(), lines);
        data.reset();
      }
      if (b < 0) {
        return;
      }
    }
  }

  private static boolean isData(byte[] line, int length) {
    return length >= DATA.length()
        && new String(line, 0, DATA.length(), StandardCharsets.US_ASCII).equals(DATA);
  }
}
