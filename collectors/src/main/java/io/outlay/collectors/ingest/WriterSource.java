package io.outlay.collectors.ingest;

/** Where the writer comes from, as long as what it needs is there. */
@FunctionalInterface
public interface WriterSource {
  /**
   * The writer.
   *
   * @throws UnavailableException saying what is away
   */
  UsageWriter writer() throws UnavailableException;
}
