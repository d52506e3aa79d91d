package io.outlay.collectors.pull;

/**
 * Told how targets fare. For every target that is read without the clock being put back
 *
 * <pre>
 * slots begun since the program started = slots read + slots missed (+ the current one)
 * </pre>
 */
public interface PullMetrics {
  /**
   * A target will be read.
   *
   * @param kind {@code gpu} or {@code inventory}
   */
  void watched(String kind, String target);

  /** A slot was read and acknowledged, or had been already. */
  void succeeded(String kind, String target);

  /** A reading failed, or what was read could not be written yet. */
  void failed(String kind, String target);

  /**
   * Slots went by without a reading. They stay without.
   *
   * @param slots ≥ 1
   */
  void missed(String kind, String target, long slots);
}
