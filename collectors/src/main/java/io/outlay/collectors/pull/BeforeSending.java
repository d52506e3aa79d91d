package io.outlay.collectors.pull;

/**
 * Keeps what was read, before any of it is sent: what is kept is sent again until it is
 * acknowledged, so that a reading that was sent in part is never followed by another for its slot.
 *
 * @param <T> what is kept
 */
@FunctionalInterface
interface BeforeSending<T> {
  /**
   * @throws java.io.UncheckedIOException if it cannot be kept; nothing is then sent
   */
  void keep(T reading);
}
