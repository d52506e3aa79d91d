package io.outlay.embedded.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Held while parts are started or stopped, so that only one launcher at a time does so. */
final class StackLock implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  private final FileChannel channel;

  private StackLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock, waiting for another launcher to be done.
   *
   * @throws StackException if that takes longer than the patience
   */
  static StackLock acquire(DataDirectory data, Duration patience, Progress progress) {
    Path file = data.run().resolve("lock");
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long deadline = System.nanoTime() + patience.toNanos();
      boolean told = false;
      while (true) {
        if (tryLock(channel) != null) {
          return new StackLock(channel);
        }
        if (!told) {
          progress.line("waiting for another ./outlay to finish starting or stopping the stack");
          told = true;
        }
        if (System.nanoTime() > deadline) {
          channel.close();
          throw new StackException(
              "another ./outlay has been starting or stopping the stack in "
                  + data.root()
                  + " for more than "
                  + patience.toSeconds()
                  + " s");
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while waiting for " + file, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of this process
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock the stack", e);
    }
  }
}
