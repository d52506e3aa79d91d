package io.outlay.collectors.pull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;

/** A file, bounded in size. */
final class FileSource implements Source {
  private final Path file;
  private final int maxBytes;

  /**
   * @param maxBytes largest file, ≥ 1
   */
  FileSource(Path file, int maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  @Override
  public Content read() throws PullException {
    // A pipe or device could be read for ever.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new PullException(file + " is not a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      Instant modified = Files.getLastModifiedTime(file).toInstant();
      byte[] body = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new PullException(HttpSource.tooLarge(maxBytes));
      }
      return new Content(body, "", modified);
    } catch (NoSuchFileException e) {
      throw new PullException(file + " does not exist", e);
    } catch (IOException e) {
      throw new PullException("cannot be read: " + e, e);
    }
  }
}
