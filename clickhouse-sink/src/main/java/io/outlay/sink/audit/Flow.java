package io.outlay.sink.audit;

import java.time.Duration;
import java.util.List;

/** What is on its way into the books. */
public interface Flow {
  /**
   * Waits until everything that is on its way now has arrived, through every step: what arrives
   * meanwhile is not waited for.
   *
   * @param within gives up after this
   * @return where each step stands; the flow has settled if none of them lags
   * @throws AuditException if that cannot be found out
   */
  List<Position> settle(Duration within);

  /**
   * Where a step stands.
   *
   * @param reader who moves it on
   * @param topic what it reads
   * @param end where the topic ended when the step began to be waited for, summed over partitions
   * @param reached how much of that has been dealt with
   */
  record Position(String reader, String topic, long end, long reached) {
    /** Offsets that were not dealt with in time. */
    public long lag() {
      return end - reached;
    }
  }
}
