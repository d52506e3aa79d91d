package io.outlay.bench;

/** What can be measured. A benchmark gives those that apply to it; tables and JSON follow. */
public enum Metric {
  /** Events a second, of one thread unless the benchmark says otherwise. */
  EVENTS_PER_SECOND("eventsPerSecond", "events/s", 0),
  /** Time of an event by the clock, nanoseconds. */
  NANOS_PER_EVENT("nanosPerEvent", "ns/op", 1),
  /** Half the distance between the lowest and the highest of the runs behind it, nanoseconds. */
  NANOS_ERROR("nanosPerEventError", "±", 1),
  /** Processor time of an event, microseconds. */
  CPU_MICROS_PER_EVENT("cpuMicrosPerEvent", "CPU µs/op", 3),
  /** Bytes allocated for an event. */
  ALLOCATED_BYTES_PER_EVENT("allocatedBytesPerEvent", "B/op", 0);

  private final String json;
  private final String title;
  private final int decimals;

  Metric(String json, String title, int decimals) {
    this.json = json;
    this.title = title;
    this.decimals = decimals;
  }

  /** Its key in the JSON file. */
  public String json() {
    return json;
  }

  /** The head of its column. */
  public String title() {
    return title;
  }

  /** Decimals that mean something. */
  public int decimals() {
    return decimals;
  }
}
