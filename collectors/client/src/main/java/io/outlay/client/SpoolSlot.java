package io.outlay.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sub-directory {@code spool-N} that one client holds by a file lock. The operating system ends
 * the lock with the process, however that ends, and leaves the slot to be adopted.
 */
final class SpoolSlot implements AutoCloseable {
  private static final int MAX_SLOTS = 1_000;

  /**
   * Slots held in this process. A lock is the process's, not the client's, and on POSIX closing any
   * handle of the file ends it, so that a slot of our own must not even be opened.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private SpoolSlot(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /** The first free slot, made if need be. */
  static SpoolSlot claim(Path spoolDirectory) throws IOException {
    Files.createDirectories(spoolDirectory);
    Path root = spoolDirectory.toRealPath();
    for (int i = 0; i < MAX_SLOTS; i++) {
      SpoolSlot slot = tryClaim(root.resolve("spool-" + i));
      if (slot != null) {
        return slot;
      }
    }
    throw new IOException("all " + MAX_SLOTS + " slots of " + root + " are in use");
  }

  /** The other slots of the directory. */
  List<Path> others() throws IOException {
    Path root = directory.getParent();
    if (root == null) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(root)) {
      return paths
          .filter(path -> path.getFileName().toString().matches("spool-[0-9]{1,3}"))
          .filter(path -> !path.equals(directory))
          .sorted()
          .toList();
    }
  }

  /** The slot, if it has segments and its process is gone; it is held until closed. */
  static @Nullable SpoolSlot claimOrphan(Path directory) throws IOException {
    return segments(directory).isEmpty() ? null : tryClaim(directory);
  }

  private static @Nullable SpoolSlot tryClaim(Path directory) throws IOException {
    if (!HELD.add(directory)) {
      return null;
    }
    FileChannel channel = null;
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          // Events name customers and users.
          Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
      }
      channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new SpoolSlot(directory, channel, lock);
      }
    } catch (AccessDeniedException e) {
      release(directory, channel);
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      return null; // another user's
    } catch (OverlappingFileLockException e) {
      // Held in this process by a copy of this class from another loader. Closing the channel would
      // end its lock, and so would opening the file again: the slot stays marked and the channel
      // open, once.
      return null;
    } catch (IOException e) {
      release(directory, channel);
      throw e;
    }
    release(directory, channel);
    return null;
  }

  private static void release(Path directory, @Nullable FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(directory);
    }
  }

  Path directory() {
    return directory;
  }

  /** Segment files, oldest first. */
  List<Path> segments() throws IOException {
    return segments(directory);
  }

  private static List<Path> segments(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(directory)) {
      return paths
          .filter(path -> Segment.number(path) >= 0)
          .sorted((a, b) -> Long.compare(Segment.number(a), Segment.number(b)))
          .toList();
    } catch (AccessDeniedException e) {
      return List.of(); // another user's
    }
  }

  @Override
  public void close() throws IOException {
    try {
      lock.release();
    } finally {
      release(directory, channel);
    }
  }
}
