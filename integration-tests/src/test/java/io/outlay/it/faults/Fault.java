package io.outlay.it.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Something that goes wrong.
 *
 * @param kind what
 * @param parts whom it meets; empty for what meets the network
 * @param atEvent after how many acknowledged events
 * @param hold how long it lasts until healing begins
 */
public record Fault(Kind kind, List<String> parts, long atEvent, Duration hold) {
  static final String COLLECTORS = "collectors";
  static final String STREAMS = "streams-app";
  static final String SINK = "clickhouse-sink";
  static final String DETECTOR = "anomaly-detector";
  static final String KAFKA = "kafka";
  static final String REGISTRY = "registry";
  static final String CLICKHOUSE = "clickhouse";

  /** Parts whose disks can be full. */
  static final List<String> DISKS = List.of(KAFKA, CLICKHOUSE, STREAMS);

  private static final int MIN_HOLD_MILLIS = 300;
  private static final int MAX_HOLD_MILLIS = 4_000;

  /** What goes wrong. */
  public enum Kind {
    /** Killed, as by a crash. */
    KILL,
    /** Stopped for moments, as by a pause of the machine, and continued. */
    STOP,
    /** Stopped until groups and transactions have given it up, and continued. */
    STOP_LONG,
    /** Killed, and killed again while it starts: while stores are restored. */
    KILL_TWICE,
    /** Events reach the broker, their acknowledgements do not reach the publisher. */
    LOSE_ACKNOWLEDGEMENTS,
    /** Inserts are carried out, their answers lost. */
    LOSE_ANSWERS,
    /** The same, and the sink is killed before it can ask again: after insert, before commit. */
    LOSE_ANSWERS_AND_KILL,
    /** ClickHouse neither answers nor refuses. */
    HANG,
    /** ClickHouse says that its disk is full. */
    NO_SPACE,
    /** The disk of a part is full; only where the run may make small disks. */
    DISK_FULL,
    /** The webhook receiver answers with errors while on-call must be told. */
    WEBHOOK_FAILS,
    /** The webhook receiver does not answer while on-call must be told. */
    WEBHOOK_HANGS,
    /**
     * A second instance joins, and either is killed while the group rebalances; where there is a
     * second one from before, that is killed instead.
     */
    JOIN_AND_KILL,
    /** A price is corrected, the past rated again, and that is struck by a kill. */
    KILL_REPRICING,
    /** A price comes that usage has waited for, and the rating that follows is struck by a kill. */
    KILL_LATE_PRICE
  }

  /**
   * The faults of a run, spread over its events. The first ones are of each essential kind once, in
   * any order; then all are drawn, each as often as the others.
   *
   * @param which may strike
   */
  static List<Fault> plan(long seed, int count, long events, Predicate<Fault> which) {
    Random random = new Random(seed);
    List<Fault> drawn = new ArrayList<>(shuffled(essential(random), random));
    drawn.removeIf(which.negate());
    while (drawn.size() < count) {
      List<Fault> more = shuffled(all(random), random);
      more.removeIf(which.negate());
      if (more.isEmpty()) {
        throw new IllegalArgumentException("faults.which matches no fault");
      }
      drawn.addAll(more);
    }
    List<Fault> plan = new ArrayList<>();
    long share = events / (count + 1);
    for (int i = 0; i < count; i++) {
      Fault fault = drawn.get(i);
      long at = share * i + share / 2 + random.nextLong(share / 2);
      plan.add(new Fault(fault.kind, fault.parts, at, fault.hold));
    }
    return plan;
  }

  /** Whether it is written so. */
  boolean matches(Pattern which) {
    return which.matcher(toString()).matches();
  }

  /** Whether to wait with the blow until what it is meant for has begun to write. */
  boolean duringWork() {
    return hold.toMillis() % 3 != 0;
  }

  @Override
  public String toString() {
    return parts.isEmpty() ? kind.toString() : kind + " " + String.join(" + ", parts);
  }

  /** Each part once, each hop once. */
  private static List<Fault> essential(Random random) {
    List<Fault> faults = new ArrayList<>();
    faults.add(fault(random, Kind.KILL, COLLECTORS, DETECTOR));
    faults.add(fault(random, Kind.KILL, KAFKA, REGISTRY, CLICKHOUSE));
    faults.add(fault(random, Kind.LOSE_ANSWERS_AND_KILL, SINK));
    faults.add(fault(random, Kind.KILL_REPRICING, STREAMS));
    faults.add(fault(random, Kind.LOSE_ACKNOWLEDGEMENTS));
    faults.add(fault(random, Kind.WEBHOOK_FAILS));
    return faults;
  }

  private static List<Fault> all(Random random) {
    List<Fault> faults = essential(random);
    for (String part : List.of(COLLECTORS, STREAMS, SINK, DETECTOR, KAFKA, CLICKHOUSE)) {
      faults.add(fault(random, Kind.STOP, part));
    }
    for (String part : List.of(COLLECTORS, STREAMS, SINK, DETECTOR, KAFKA, CLICKHOUSE, REGISTRY)) {
      faults.add(fault(random, Kind.KILL, part));
    }
    for (String part : DISKS) {
      faults.add(fault(random, Kind.DISK_FULL, part));
    }
    faults.add(fault(random, Kind.JOIN_AND_KILL, STREAMS));
    faults.add(fault(random, Kind.JOIN_AND_KILL, SINK));
    faults.add(fault(random, Kind.NO_SPACE));
    faults.add(fault(random, Kind.WEBHOOK_HANGS));
    faults.add(fault(random, Kind.KILL, STREAMS, SINK));
    faults.add(fault(random, Kind.KILL, KAFKA, CLICKHOUSE));
    faults.add(fault(random, Kind.KILL, KAFKA, STREAMS));
    faults.add(fault(random, Kind.KILL, CLICKHOUSE, SINK));
    faults.add(fault(random, Kind.KILL_TWICE, STREAMS));
    faults.add(fault(random, Kind.KILL_TWICE, SINK));
    faults.add(fault(random, Kind.STOP_LONG, STREAMS));
    faults.add(fault(random, Kind.STOP_LONG, SINK));
    faults.add(fault(random, Kind.STOP_LONG, KAFKA));
    faults.add(fault(random, Kind.LOSE_ANSWERS));
    faults.add(fault(random, Kind.HANG));
    faults.add(fault(random, Kind.KILL_REPRICING, CLICKHOUSE));
    faults.add(fault(random, Kind.KILL_REPRICING, KAFKA));
    faults.add(fault(random, Kind.KILL_LATE_PRICE, STREAMS));
    return faults;
  }

  private static Fault fault(Random random, Kind kind, String... parts) {
    Duration hold =
        kind == Kind.STOP_LONG
            ? Duration.ofMillis(random.nextInt(12_000, 17_000))
            : Duration.ofMillis(random.nextInt(MIN_HOLD_MILLIS, MAX_HOLD_MILLIS));
    return new Fault(kind, List.of(parts), 0, hold);
  }

  private static List<Fault> shuffled(List<Fault> faults, Random random) {
    Collections.shuffle(faults, random);
    return faults;
  }
}
