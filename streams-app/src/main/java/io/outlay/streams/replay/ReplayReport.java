package io.outlay.streams.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replay did, or would do.
 *
 * @param dryRun whether nothing was sent; "sent" then means would be
 * @param topic full name of the topic whose letters were looked at
 * @param total sum of the reasons
 * @param reasons only those that were found
 * @param skips why letters were skipped, and how many for each
 * @param unreadable records of the dead letters' own topic that are none
 * @param samples at most {@value #MAX_SAMPLES} of those found, without those sent before
 */
public record ReplayReport(
    boolean dryRun,
    String topic,
    Counts total,
    List<Counts> reasons,
    List<Skip> skips,
    long unreadable,
    List<Sample> samples) {

  /** Most samples. */
  public static final int MAX_SAMPLES = 20;

  /**
   * Of one reason: found = sent + alreadySent + skipped.
   *
   * @param failingAgain of those sent, how many are bound to be set aside again as things are
   */
  public record Counts(
      String reason, long found, long sent, long alreadySent, long skipped, long failingAgain) {}

  /** Letters that were not sent for one cause. */
  public record Skip(String why, long count) {}

  /**
   * A letter.
   *
   * @param deadLetter topic, partition and offset of the letter, with slashes between
   * @param original the same of the record that was set aside
   * @param source source of its event; null if it cannot be read
   * @param failedAt ISO 8601
   * @param outcome what becomes of it
   */
  public record Sample(
      String deadLetter,
      String original,
      String reason,
      String message,
      @Nullable String source,
      String failedAt,
      String outcome) {}
}
