package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A pipeline on its way through a backlog. It begins with the last moment before the first event
 * was through, so that starting a program does not count, and ends when all was. The later half
 * begins with the first moment at which half of the events were through: compilers are done by
 * then.
 */
final class Course {
  private static final long EVERY_MILLIS = 200;
  private static final long NANOS = 1_000_000_000;

  private final Moment begin;
  private final Moment half;
  private final Moment end;

  private Course(Moment begin, Moment half, Moment end) {
    this.begin = begin;
    this.half = half;
    this.end = end;
  }

  /**
   * Watches until the end.
   *
   * @param parts whose processor time counts
   * @param total events
   * @param done events that are through
   * @param finished asked once all events are through: whether what they change is written
   * @throws BenchmarkFailedException if nothing moves for too long
   */
  static Course watch(
      PipelineStack stack,
      List<String> parts,
      long total,
      LongSupplier done,
      BooleanSupplier finished,
      Duration patience,
      Progress progress) {
    List<Moment> moments = new ArrayList<>();
    Moment begin = moment(stack, parts, 0);
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Moment now = moment(stack, parts, done.getAsLong());
      if (now.done() == 0) {
        begin = now;
      } else {
        moments.add(now);
        progress.detail(String.format("%,d of %,d events are through", now.done(), total));
      }
      if (now.done() >= total && finished.getAsBoolean()) {
        break;
      }
      if (now.nanos() > deadline) {
        throw new BenchmarkFailedException(
            String.format(
                "only %,d of %,d events were through after %d s",
                now.done(), total, patience.toSeconds()));
      }
      pause();
    }
    Moment end = moment(stack, parts, total);
    Moment half = moments.stream().filter(each -> each.done() >= total / 2).findFirst().orElse(end);
    return new Course(begin, half, end);
  }

  /** Events a second, of all. */
  double rate() {
    return rate(begin, end);
  }

  /** Events a second, of the later half. */
  double warmRate() {
    return rate(half, end);
  }

  /** Processor time of a part for an event, in microseconds. */
  double cpuMicros(String part) {
    return (double) end.cpuMicrosSince(begin, part) / (end.done() - begin.done());
  }

  /** The same, of the later half. */
  double warmCpuMicros(String part) {
    return (double) end.cpuMicrosSince(half, part) / Math.max(1, end.done() - half.done());
  }

  private static double rate(Moment from, Moment to) {
    return (double) (to.done() - from.done()) * NANOS / Math.max(1, to.nanos() - from.nanos());
  }

  private static Moment moment(PipelineStack stack, List<String> parts, long done) {
    Map<String, Duration> cpu = new HashMap<>();
    parts.forEach(part -> cpu.put(part, stack.cpu(part)));
    return new Moment(System.nanoTime(), done, cpu);
  }

  private static void pause() {
    try {
      Thread.sleep(EVERY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }
}
