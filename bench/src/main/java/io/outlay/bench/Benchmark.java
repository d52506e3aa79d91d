package io.outlay.bench;

/** Something that {@code ./outlay bench} can measure. */
public interface Benchmark {
  /** Its name on the command line and in the JSON file: lower case, no spaces. */
  String name();

  /** What it measures, in one line. */
  String description();

  /**
   * Measures.
   *
   * @param quick whether a rough answer in some twenty seconds is wanted
   * @param progress is told what is being measured
   * @throws BenchmarkFailedException if there is no answer, or a wrong one
   */
  Figures run(boolean quick, Progress progress);
}
