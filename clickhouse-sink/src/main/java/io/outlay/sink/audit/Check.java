package io.outlay.sink.audit;

/** A part of the books that is compared at once. */
interface Check {
  /** Names it among the checks of a run. */
  String name();

  /**
   * Reads both sides now.
   *
   * @throws AuditException if a side cannot be read
   */
  Look look();
}
