package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks for contributors when incidents open. The openings wait for the answers for a moment, once
 * for all of a round; what comes later is handed out for the records. After an answer that failed
 * or did not come in time nothing waits for a while. For one thread.
 */
final class Inquiry {
  /** Longest that the openings of a round wait. */
  static final Duration WAIT = Duration.ofMillis(500);

  /** Incidents of a round that are asked for: the first. */
  static final int MAX_ASKED = 20;

  private static final Logger LOG = System.getLogger(Inquiry.class.getName());
  private static final Duration PATIENT_AGAIN = Duration.ofSeconds(30);

  private final Contributors contributors;
  private final Map<String, CompletableFuture<List<Explanation.Cause>>> asked = new HashMap<>();
  private final Queue<Answer> late = new ConcurrentLinkedQueue<>();
  private long impatientUntil = System.nanoTime();

  Inquiry(Contributors contributors) {
    this.contributors = contributors;
  }

  /** What was found out about an incident. */
  record Answer(String incidentId, List<Explanation.Cause> causes) {}

  /**
   * Asks, and waits a moment.
   *
   * @param openings by the ids of incidents that are about to open; asking again is harmless
   * @return what is known by now, by id
   */
  Map<String, List<Explanation.Cause>> ask(Map<String, Comparison> openings) {
    Map<String, CompletableFuture<List<Explanation.Cause>>> mine = new LinkedHashMap<>();
    openings.entrySet().stream()
        .limit(MAX_ASKED)
        .forEach(
            opening ->
                mine.put(
                    opening.getKey(),
                    asked.computeIfAbsent(opening.getKey(), id -> question(opening.getValue()))));
    long deadline = System.nanoTime() + WAIT.toNanos();
    if (System.nanoTime() - impatientUntil < 0) {
      deadline = System.nanoTime();
    }
    Map<String, List<Explanation.Cause>> known = new HashMap<>();
    for (Map.Entry<String, CompletableFuture<List<Explanation.Cause>>> question : mine.entrySet()) {
      try {
        long left = Math.max(0, deadline - System.nanoTime());
        known.put(question.getKey(), question.getValue().get(left, TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        deadline = System.nanoTime();
        impatient();
      } catch (ExecutionException e) {
        LOG.log(Level.DEBUG, "no contributors of {0}: {1}", question.getKey(), e.getCause());
        impatient();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return known;
      }
    }
    return known;
  }

  private CompletableFuture<List<Explanation.Cause>> question(Comparison comparison) {
    try {
      return contributors.ask(comparison);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void impatient() {
    impatientUntil = System.nanoTime() + PATIENT_AGAIN.toNanos();
  }

  /**
   * Incidents have opened: what was not known then is {@link #late} when it comes.
   *
   * @param known what their openings said
   */
  void opened(Collection<String> incidentIds, Map<String, List<Explanation.Cause>> known) {
    for (String id : incidentIds) {
      CompletableFuture<List<Explanation.Cause>> question = asked.remove(id);
      if (question != null && !known.containsKey(id)) {
        var unused =
            question.whenComplete(
                (causes, failure) -> {
                  if (causes != null && !causes.isEmpty()) {
                    late.add(new Answer(id, causes));
                  }
                });
      }
    }
  }

  /** Answers that came after their incidents had opened, until they are {@link #taken}. */
  List<Answer> late() {
    return new ArrayList<>(late);
  }

  /** Forgets answers. */
  void taken(List<Answer> answers) {
    late.removeAll(answers);
  }
}
