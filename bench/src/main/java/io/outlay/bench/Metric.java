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
  /** Events a second of the later half, once compilers are done. */
  WARM_EVENTS_PER_SECOND("warmEventsPerSecond", "warm/s", 0),
  /** Processor time of an event in the later half, microseconds. */
  WARM_CPU_MICROS_PER_EVENT("warmCpuMicrosPerEvent", "warm µs", 3),
  /** Processor time of the broker for an event, microseconds. */
  BROKER_CPU_MICROS_PER_EVENT("brokerCpuMicrosPerEvent", "broker µs", 3),
  /** Processor time of streams-app for an event, microseconds. */
  STREAMS_CPU_MICROS_PER_EVENT("streamsCpuMicrosPerEvent", "streams µs", 3),
  /** Processor time of clickhouse-sink for an event, microseconds. */
  SINK_CPU_MICROS_PER_EVENT("sinkCpuMicrosPerEvent", "sink µs", 3),
  /** Processor time of ClickHouse for an event, microseconds. */
  CLICKHOUSE_CPU_MICROS_PER_EVENT("clickhouseCpuMicrosPerEvent", "ClickHouse µs", 3),
  /** Processor time over that of the floor of the same run. */
  OF_FLOOR("ofFloor", "of floor", 2),
  /** Bytes in the usage topic alone, of an event. */
  USAGE_BYTES_PER_EVENT("usageBytesPerEvent", "usage B", 0),
  /** Bytes in Kafka in all, of an event. */
  KAFKA_BYTES_PER_EVENT("kafkaBytesPerEvent", "Kafka B", 0),
  /** Bytes of the topology's local state, of an event. */
  STATE_BYTES_PER_EVENT("stateBytesPerEvent", "state B", 0),
  /** Bytes in ClickHouse, of a fact. */
  CLICKHOUSE_BYTES_PER_EVENT("clickhouseBytesPerEvent", "ClickHouse B", 0),
  /** Facts of a minute, team, model and feature. */
  EVENTS_PER_CELL("eventsPerCell", "events/cell", 1),
  /** Time that half of what was measured stays below, milliseconds. */
  P50_MILLIS("p50Millis", "p50 ms", 1),
  /** Time that 99 of 100 stay below, milliseconds. */
  P99_MILLIS("p99Millis", "p99 ms", 1),
  /** Time that 999 of 1,000 stay below, milliseconds. */
  P999_MILLIS("p999Millis", "p99.9 ms", 1),
  /** The most memory that was resident, 10^6 bytes. */
  PEAK_MEGABYTES("peakMegabytes", "peak MB", 0),
  /** Bytes allocated for an event. */
  ALLOCATED_BYTES_PER_EVENT("allocatedBytesPerEvent", "B/op", 0),
  /** Things that happened and should be found. */
  EVENTS("events", "events", 0),
  /** Found events over found events and false alerts. */
  PRECISION("precision", "precision", 3),
  /** Found events over events. */
  RECALL("recall", "recall", 3),
  /** Alerts about nothing that happened. */
  FALSE_ALERTS("falseAlerts", "false", 0),
  /** Further alerts about events that had been found. */
  REPEATS("repeats", "repeats", 0),
  /** Median time from the start of an event to its alert, hours. */
  DELAY_P50_HOURS("delayP50Hours", "delay p50 h", 1),
  /** Time from the start of an event to its alert that nine in ten stay below, hours. */
  DELAY_P90_HOURS("delayP90Hours", "p90 h", 1),
  /** Median of what an event had cost by its alert, or in all without one, USD. */
  USD_BEFORE_ALERT("usdBeforeAlert", "$ before", 0),
  /** What all events had cost by their alerts, over what they cost in all. */
  LOSS_SHARE("lossShare", "loss share", 3),
  /** Found events whose first alert names the cause, over found events. */
  CAUSE_RIGHT("causeRight", "cause right", 3),
  /** Events found only after midnight, though the running day showed them. */
  DAY_AFTER("dayAfter", "day after", 0);

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
