package io.outlay.embedded.stack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The log of a part. Before a start, a log beyond {@value #MAX_BYTES} bytes is put aside, replacing
 * the one put aside before it.
 */
public final class LogFile {
  static final long MAX_BYTES = 8L << 20;
  private static final int MAX_TAIL_BYTES = 1 << 20;

  private final Path file;

  /**
   * @param file need not exist
   */
  public LogFile(Path file) {
    this.file = file;
  }

  /** Where it is. */
  public Path path() {
    return file;
  }

  /** Makes room for the output of a new start. */
  public void rotate() {
    try {
      if (Files.exists(file) && Files.size(file) > MAX_BYTES) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rotate " + file, e);
    }
  }

  /** Its length in bytes, 0 if there is none. */
  public long length() {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * The last lines that lie behind a position.
   *
   * @param from position in bytes
   * @param lines most lines returned; of very long ones fewer
   */
  public List<String> tail(long from, int lines) {
    long end = length();
    String text = read(Math.max(from, end - MAX_TAIL_BYTES), end);
    List<String> all = text.lines().toList();
    return all.subList(Math.max(0, all.size() - lines), all.size());
  }

  /** The text between two positions in bytes; empty if there is none. */
  public String read(long from, long to) {
    if (to <= from || !Files.exists(file)) {
      return "";
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(to - from, Integer.MAX_VALUE - 8)];
      in.seek(from);
      int length = 0;
      while (length < bytes.length) {
        int read = in.read(bytes, length, bytes.length - length);
        if (read < 0) {
          break;
        }
        length += read;
      }
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
