package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.embedded.stack.StackException;
import io.outlay.schema.DirectCost;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Usage at a rate that nothing slows down, and among it events that are waited for: some until they
 * can be queried, some until a webhook is called because of them.
 */
final class Flow implements AutoCloseable {
  private static final long TICK_NANOS = 5_000_000;
  private static final long PROBE_NANOS = 50_000_000;
  private static final long PAGE_NANOS = 400_000_000;
  private static final long LOOK_MILLIS = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long SEED = 7;
  private static final long SPREE_PICO = 900_000_000_000_000_000L;
  private static final String PROBES = "probes";

  private final PipelineStack stack;
  private final Shape shape;
  private final AvroCodec<UsageEvent> codec;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failed = new AtomicReference<>();
  private final Map<Integer, Long> probes = new ConcurrentHashMap<>();
  private final Map<Integer, Long> pages = new ConcurrentHashMap<>();
  private volatile Times times = new Times(new Latencies(), new Latencies());
  private int phase;
  private int probe;
  private int page;

  Flow(PipelineStack stack, Shape shape) {
    this.stack = stack;
    this.shape = shape;
    this.codec = AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, stack.schemas());
    this.producer = Backlog.producer(stack);
  }

  /** What was measured in one run. */
  record Times(Latencies queryable, Latencies webhook) {}

  /** A webhook was called about a team. */
  void paged(int number, long atNanos) {
    Long since = pages.remove(number);
    if (since != null) {
      times.webhook().add(atNanos - since);
    }
  }

  /**
   * Lets usage flow, and waits until what was waited for has come.
   *
   * @param rate events a second
   */
  Times run(double rate, Duration lasting) {
    times = new Times(new Latencies(), new Latencies());
    phase++;
    Traffic traffic = new Traffic(shape.over(1), SEED + phase, 0, String.format("flow%02d", phase));
    Thread looking = new Thread(this::look, "look");
    looking.setDaemon(true);
    looking.start();
    long begin = System.nanoTime();
    long sent = 0;
    long nextProbe = 0;
    long nextPage = 0;
    for (long now = 0; now < lasting.toNanos(); now = System.nanoTime() - begin) {
      long due = (long) (rate * now / 1e9);
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      for (; sent < due; sent++) {
        UsageEvent event = traffic.next();
        event.setEventTimeMicros(micros);
        event.setIngestedAtMicros(micros);
        send(event);
      }
      for (; nextProbe <= now; nextProbe += PROBE_NANOS) {
        probes.put(++probe, begin + nextProbe);
        send(direct("probe-" + probe, PROBES, 1, micros));
      }
      for (; nextPage <= now; nextPage += PAGE_NANOS) {
        pages.put(++page, begin + nextPage);
        send(direct("page-" + page, "page-" + page, SPREE_PICO, micros));
      }
      pause(TICK_NANOS);
    }
    awaitAll(looking);
    return times;
  }

  private void awaitAll(Thread looking) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!probes.isEmpty() || !pages.isEmpty()) {
      if (failed.get() != null) {
        throw new BenchmarkFailedException("usage cannot be published: " + failed.get());
      }
      if (System.nanoTime() > deadline) {
        throw new BenchmarkFailedException(
            String.format(
                "%d events are not in ClickHouse and %d without a webhook after %d s",
                probes.size(), pages.size(), PATIENCE.toSeconds()));
      }
      pause(TICK_NANOS);
    }
    looking.interrupt();
  }

  /** Looks for probes in ClickHouse until it is interrupted. */
  private void look() {
    int seen = probe;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        String found =
            stack
                .clickhouse()
                .text(
                    "SELECT toUInt32(substring(event_id, 7)) AS n FROM usage_costs_store WHERE team = '"
                        + PROBES
                        + "' AND event_time > now() - INTERVAL 1 HOUR AND n > "
                        + seen,
                    "TabSeparated");
        long at = System.nanoTime();
        for (String line : found.lines().toList()) {
          int number = Integer.parseInt(line);
          Long since = probes.remove(number);
          if (since != null) {
            times.queryable().add(at - since);
          }
          if (probes.keySet().stream().noneMatch(each -> each <= number)) {
            seen = Math.max(seen, number);
          }
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | StackException e) {
      failed.compareAndSet(null, e);
    }
  }

  private static UsageEvent direct(String id, String team, long pico, long micros) {
    return UsageEvent.newBuilder()
        .setId(id)
        .setSource("bench-probes")
        .setEventTimeMicros(micros)
        .setIngestedAtMicros(micros)
        .setTeam(team)
        .setDetail(DirectCost.newBuilder().setAmountPico(pico).build())
        .build();
  }

  private void send(UsageEvent event) {
    Backlog.send(
        producer,
        new ProducerRecord<>(
            Topics.USAGE.name(Topics.DEFAULT_PREFIX),
            EventKey.of(event.getSource(), event.getId()).toBytes(),
            codec.encode(event)),
        failed);
  }

  private static void pause(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
