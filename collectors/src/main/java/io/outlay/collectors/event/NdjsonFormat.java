package io.outlay.collectors.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.schema.UsageEvent;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * {@code application/x-ndjson}: a CloudEvent on each line. Every line stands for itself: one that
 * is broken or too long is rejected, and the next one read. Blank lines are skipped and not
 * counted. Memory holds one line, whatever the size of the body.
 */
public final class NdjsonFormat implements EventFormat {
  private static final int CHUNK = 64 * 1024;

  private final int maxLineBytes;

  /**
   * @param maxLineBytes longest line, ≥ 1
   */
  public NdjsonFormat(int maxLineBytes) {
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public String name() {
    return "ndjson";
  }

  @Override
  public boolean isStreamed() {
    return true;
  }

  @Override
  public void read(InputStream body, Reception reception, EventSink sink) throws IOException {
    Lines lines = new Lines(maxLineBytes, new EventReader(reception), sink);
    byte[] chunk = new byte[CHUNK];
    for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
      int start = 0;
      for (int i = 0; i < read; i++) {
        if (chunk[i] == '\n') {
          lines.append(chunk, start, i - start);
          lines.end();
          start = i + 1;
        }
      }
      lines.append(chunk, start, read - start);
    }
    lines.end();
  }

  /** Puts lines together and reads each one. */
  private static final class Lines {
    private final int max;
    private final EventReader reader;
    private final EventSink sink;
    private byte[] line = new byte[4096];
    private int length;
    private boolean tooLong;
    private int index;

    Lines(int max, EventReader reader, EventSink sink) {
      this.max = max;
      this.reader = reader;
      this.sink = sink;
    }

    void append(byte[] bytes, int offset, int count) {
      if (tooLong || count > max - length) {
        tooLong = true;
        return;
      }
      if (length + count > line.length) {
        line = Arrays.copyOf(line, Math.max(length + count, Math.min(max, 2 * line.length)));
      }
      System.arraycopy(bytes, offset, line, length, count);
      length += count;
    }

    void end() throws IOException {
      if (tooLong) {
        reject("the line must have at most " + max + " bytes (collectors.maxLineBytes)");
      } else if (!isBlank()) {
        parse();
      }
      length = 0;
      tooLong = false;
    }

    private void parse() throws IOException {
      try (JsonParser json = JsonFormat.JSON.createParser(line, 0, length)) {
        json.nextToken();
        UsageEvent event = reader.read(json);
        if (json.nextToken() != null) {
          reject("the line must end after its JSON object");
          return;
        }
        JsonFormat.deliver(event, index, reader, sink);
        index++;
      } catch (JsonProcessingException e) {
        int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
        reject("the line is not JSON: " + e.getOriginalMessage() + ", at column " + column);
      }
    }

    private void reject(String error) {
      sink.reject(new Rejection(index, null, EventReader.WHOLE_EVENT, error));
      index++;
    }

    private boolean isBlank() {
      for (int i = 0; i < length; i++) {
        byte b = line[i];
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }
  }
}
