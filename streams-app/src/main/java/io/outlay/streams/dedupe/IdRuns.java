package io.outlay.streams.dedupe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Ids that have no room in memory, in runs on disk. Once {@value #FAN_IN} runs are about as large
 * as each other they become one, so that few have to be asked. For one thread.
 *
 * <p>What is here is a copy of what the state store holds, made anew at each start.
 */
final class IdRuns {
  static final int FAN_IN = 8;
  private static final String SUFFIX = ".ids";
  private static final Pattern OWN = Pattern.compile("\\d+\\.ids(\\.filter)?");

  private final Path directory;
  private final List<List<IdRun>> levels = new ArrayList<>();
  private int keepFrom = Integer.MIN_VALUE;
  private long files;

  /**
   * @param directory for files of its own; what an earlier one left is removed
   * @throws UncheckedIOException if that is not possible
   */
  IdRuns(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      try (Stream<Path> left = Files.list(directory)) {
        for (Path file :
            left.filter(each -> OWN.matcher(each.getFileName().toString()).matches()).toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep ids in " + directory, e);
    }
  }

  /** Ids held; those that are too old may still be counted. */
  long size() {
    return levels.stream().flatMap(List::stream).mapToLong(IdRun::size).sum();
  }

  /** A writer of a run whose ids are not here yet. */
  IdRun.Writer write(int ids) {
    return new IdRun.Writer(directory.resolve(files++ + SUFFIX), ids);
  }

  void add(IdRun run) {
    add(run, 0);
  }

  /** The offset at which an id was first seen, or {@link IdRun#ABSENT}. */
  long offset(long high, long low) {
    for (List<IdRun> level : levels) {
      for (IdRun run : level) {
        IdRun.Entry found = run.find(high, low);
        if (found != null && found.bucket >= keepFrom) {
          return found.offset;
        }
      }
    }
    return IdRun.ABSENT;
  }

  /** Forgets ids of earlier buckets. */
  void expire(int keepFromBucket) {
    keepFrom = keepFromBucket;
    for (List<IdRun> level : levels) {
      for (Iterator<IdRun> runs = level.iterator(); runs.hasNext(); ) {
        IdRun run = runs.next();
        if (run.newestBucket() < keepFrom) {
          runs.remove();
          run.delete();
        }
      }
    }
  }

  /** Removes all files. */
  void close() {
    levels.forEach(level -> level.forEach(IdRun::delete));
    levels.clear();
  }

  private void add(IdRun run, int depth) {
    while (levels.size() <= depth) {
      levels.add(new ArrayList<>());
    }
    List<IdRun> level = levels.get(depth);
    level.add(run);
    if (level.size() < FAN_IN
        || level.stream().mapToLong(IdRun::size).sum() > Integer.MAX_VALUE / IdRun.ENTRY) {
      return;
    }
    IdRun merged = merge(level);
    level.forEach(IdRun::delete);
    level.clear();
    if (merged.size() == 0) {
      merged.delete();
    } else {
      add(merged, depth + 1);
    }
  }

  private IdRun merge(List<IdRun> runs) {
    IdRun.Writer writer = write(runs.stream().mapToInt(IdRun::size).sum());
    PriorityQueue<Head> heads = new PriorityQueue<>();
    for (IdRun run : runs) {
      Head head = new Head(run.reader());
      if (head.advance()) {
        heads.add(head);
      }
    }
    for (Head least = heads.poll(); least != null; least = heads.poll()) {
      IdRun.Entry entry = least.entry;
      if (entry.bucket >= keepFrom) {
        writer.add(entry.high, entry.low, entry.offset, entry.bucket);
      }
      if (least.advance()) {
        heads.add(least);
      }
    }
    return writer.finish();
  }

  /** The next id of a run that is being merged. */
  private static final class Head implements Comparable<Head> {
    private final IdRun.Reader reader;
    private IdRun.Entry entry;

    Head(IdRun.Reader reader) {
      this.reader = reader;
    }

    boolean advance() {
      IdRun.Entry next = reader.next();
      if (next == null) {
        return false;
      }
      entry = next;
      return true;
    }

    @Override
    public int compareTo(Head other) {
      return entry.compareTo(other.entry.high, other.entry.low);
    }
  }
}
