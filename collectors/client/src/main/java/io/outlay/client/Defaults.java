package io.outlay.client;

import java.io.IOException;
import java.time.Instant;

/** Attribution of the events that do not name their own. */
public final class Defaults extends Attributed<Defaults> {
  Defaults() {}

  /**
   * Checks what every event of a client starts from.
   *
   * @throws InvalidEventException if a value breaks a bound
   */
  void check(String source) {
    checkSetters();
    Defaults team = new Defaults().team("any");
    try {
      EventWriter out = new EventWriter();
      out.open("any", source, "any", Instant.EPOCH.plusSeconds(1_000_000_000));
      writeAttribution(out, team);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }
}
