package io.outlay.collectors.pull;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.ingest.IngestOutcome;
import java.io.IOException;

/** The way that requests take too: bounded, counted, and done once the broker has acknowledged. */
@FunctionalInterface
public interface Delivery {
  /**
   * Blocks until it is decided.
   *
   * @throws IOException if the body cannot be read, which one in memory always can
   */
  IngestOutcome deliver(EventFormat format, Publisher publisher, byte[] body) throws IOException;
}
