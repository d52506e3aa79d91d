package io.outlay.it.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the load in order, at a bounded pace, by several threads; what is not acknowledged is
 * sent again, the same. Holds no more than a batch for each thread.
 */
final class Publisher implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int BATCH = 200;
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final long PAUSE_MILLIS = 100;
  private static final int OK = 200;
  private static final int SERVER_ERRORS = 500;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Load load;
  private final Oracle oracle;
  private final Poison poison;
  private final long events;
  private final int eventsPerSecond;
  private final URI address;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong copies = new AtomicLong();
  private final AtomicLong repeats = new AtomicLong();
  private final Object gate = new Object();
  private long next;
  private long allowed;
  private long readyAt = System.nanoTime();
  private volatile @Nullable Throwable failure;

  /**
   * @param address where events are posted
   */
  Publisher(
      Load load, Oracle oracle, Poison poison, long events, int eventsPerSecond, URI address) {
    this.load = load;
    this.oracle = oracle;
    this.poison = poison;
    this.events = events;
    this.eventsPerSecond = eventsPerSecond;
    this.address = address;
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(this::run, "publisher-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** Lets events below this number go out. */
  void allow(long below) {
    synchronized (gate) {
      allowed = Math.min(events, below);
      gate.notifyAll();
    }
  }

  /** Lets no more events go out. Returns how many did, or are about to. */
  long hold() {
    synchronized (gate) {
      allowed = Math.min(allowed, next);
      return Math.min(events, next);
    }
  }

  /** Waits until all that may go out is acknowledged. */
  void awaitIdle() throws InterruptedException {
    while (true) {
      synchronized (gate) {
        if (next >= allowed && acknowledged.get() >= Math.min(events, next)) {
          return;
        }
      }
      check();
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Events acknowledged, each counted once. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** Copies acknowledged beyond the first of each event. */
  long copies() {
    return copies.get();
  }

  /** Requests that were sent again since the answer did not come. */
  long repeats() {
    return repeats.get();
  }

  /**
   * Fails if an event was refused.
   *
   * @throws AssertionError with what was answered
   */
  void check() {
    Throwable thrown = failure;
    if (thrown != null) {
      throw new AssertionError("publishing failed: " + thrown, thrown);
    }
  }

  /** Posts events until they are acknowledged. */
  void post(List<String> json) throws InterruptedException {
    String body = "[" + String.join(",", json) + "]";
    while (!posted(body, json.size())) {
      repeats.incrementAndGet();
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  private boolean posted(String body, int size) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER_WITHIN)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= SERVER_ERRORS) {
        return false;
      }
      JsonNode said = MAPPER.readTree(answer.body());
      if (answer.statusCode() != OK || said.path("accepted").asInt() != size) {
        throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
      }
      return true;
    } catch (IOException e) {
      return false; // whether it was taken is not known: that is what ids are for
    }
  }

  private void run() {
    try {
      for (long first = take(); first < events; first = take()) {
        publish(first, Math.min(events, first + BATCH));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  private long take() throws InterruptedException {
    synchronized (gate) {
      while (next < events) {
        long wait = readyAt - System.nanoTime();
        if (next >= allowed) {
          gate.wait();
          readyAt = Math.max(readyAt, System.nanoTime());
        } else if (wait > 0) {
          TimeUnit.NANOSECONDS.timedWait(gate, wait);
        } else {
          readyAt =
              Math.max(readyAt, System.nanoTime() - TimeUnit.SECONDS.toNanos(1))
                  + TimeUnit.SECONDS.toNanos(1) * BATCH / eventsPerSecond;
          long first = next;
          next += BATCH;
          return first;
        }
      }
      return events;
    }
  }

  private void publish(long first, long end) throws InterruptedException {
    List<Usage> batch = new ArrayList<>();
    List<String> json = new ArrayList<>();
    long again = 0;
    for (long number = first; number < end; number++) {
      Usage usage = load.event(number);
      batch.add(usage);
      json.add(usage.json());
      for (long copy : load.copiesWith(number)) {
        json.add(copy == number ? usage.json() : load.event(copy).json());
        again++;
      }
    }
    post(json);
    for (Usage usage : batch) {
      oracle.add(usage);
    }
    copies.addAndGet(again);
    for (long number = first; number < end; number++) {
      if (load.poisonAfter(number)) {
        poison.send(number);
      }
    }
    acknowledged.addAndGet(end - first);
  }
}
