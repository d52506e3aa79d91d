package io.outlay.detector.incident;

import io.outlay.schema.Incident;
import java.util.List;

/** Where incidents are kept for good. */
public interface IncidentLog {
  /**
   * Writes the incidents, each over its former self; returns when all replicas have them.
   *
   * @throws IncidentLogException if they may not have been written; writing them again is harmless
   */
  void write(List<Incident> incidents);
}
