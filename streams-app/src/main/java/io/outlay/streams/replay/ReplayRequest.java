package io.outlay.streams.replay;

import io.outlay.schema.DeadLetterReason;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are to be sent through again, and who wants that.
 *
 * @param topic topic that the originals were read from, one of {@link #TOPICS}
 * @param reasons any of them; empty means every one, of which those that are too late are found but
 *     not sent: they would be too late again
 * @param source source of the event; null means any, also of letters that cannot be read
 * @param from earliest time that the letter was set aside, inclusive; null means since always
 * @param to latest, exclusive; null means until now
 * @param dryRun whether to send nothing
 * @param by who asks, at most {@value #MAX_BY} characters; empty if unknown
 * @param why the occasion, at most {@value #MAX_WHY} characters; may be empty
 */
public record ReplayRequest(
    Topic<?> topic,
    Set<DeadLetterReason> reasons,
    @Nullable String source,
    @Nullable Instant from,
    @Nullable Instant to,
    boolean dryRun,
    String by,
    String why) {

  /**
   * Topics whose records may be sent a second time: a fact that is there is found by its key, of
   * usage by the dedupe and of costs by the revision. The other topics hold state of which the last
   * record counts, and an old one would stand in place of a newer.
   */
  public static final List<Topic<?>> TOPICS = List.of(Topics.USAGE, Topics.COSTS);

  /** Characters of {@link #by}. */
  public static final int MAX_BY = 256;

  /** Characters of {@link #why}. */
  public static final int MAX_WHY = 1_024;

  /**
   * @throws IllegalArgumentException naming parameter and value
   */
  public ReplayRequest {
    if (!TOPICS.contains(topic)) {
      throw new IllegalArgumentException(
          "topic: must be one of "
              + TOPICS.stream().map(Topic::suffix).toList()
              + ", was "
              + topic.suffix());
    }
    if (from != null && to != null && !from.isBefore(to)) {
      throw new IllegalArgumentException("from: must be before to (" + to + "), was " + from);
    }
    requireAtMost("by", by, MAX_BY);
    requireAtMost("why", why, MAX_WHY);
    reasons = Set.copyOf(reasons);
  }

  private static void requireAtMost(String parameter, String value, int most) {
    if (value.length() > most) {
      throw new IllegalArgumentException(
          parameter + ": must have at most " + most + " characters, had " + value.length());
    }
  }

  boolean wants(DeadLetterReason reason) {
    return reasons.isEmpty() || reasons.contains(reason);
  }

  boolean wants(Instant failedAt) {
    return (from == null || !failedAt.isBefore(from)) && (to == null || failedAt.isBefore(to));
  }
}
