package io.outlay.streams.topology;

import io.outlay.streams.rating.PriceBook;
import io.outlay.topic.Topics;
import io.outlay.usage.Cut;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;

/**
 * Wires the topology.
 *
 * <pre>
 * usage ─▶ rate ─▶ costs
 *            ├───▶ dead-letters
 *            ├───▶ ledger
 *            ├───▶ rollup-deltas ─▶ combine ─▶ rollups
 *            └───▶ scope-rollup-deltas ─▶ combine-scopes ─▶ scope-rollups
 * </pre>
 *
 * <p>The last line is there without cuts too, and then carries nothing: instances that are started
 * one after another with another cut must not differ in their tasks.
 *
 * <p>Names of operators and stores are a deployed contract: changing one loses state. The test of
 * this class says how to change it.
 */
public final class UsageTopology {
  static final String USAGE_SOURCE = "usage-source";
  static final String RATE = "rate";
  static final String COSTS_SINK = "costs-sink";
  static final String DEAD_LETTERS_SINK = "dead-letters-sink";
  static final String LEDGER_SINK = "ledger-sink";
  static final String DELTAS_SINK = "rollup-deltas-sink";
  static final String DELTAS_SOURCE = "rollup-deltas-source";
  static final String COMBINE = "combine";
  static final String ROLLUPS_SINK = "rollups-sink";
  static final String SCOPE_DELTAS_SINK = "scope-rollup-deltas-sink";
  static final String SCOPE_DELTAS_SOURCE = "scope-rollup-deltas-source";
  static final String COMBINE_SCOPES = "combine-scopes";
  static final String SCOPE_ROLLUPS_SINK = "scope-rollups-sink";

  private UsageTopology() {}

  /**
   * What the topology depends on.
   *
   * @param topicPrefix of all topics
   * @param zone of hours and days
   * @param dedupeHorizon for how long ids are remembered, ≥ retention: a copy that is older is too
   *     late
   * @param idsInMemory most ids that a partition of the usage holds in memory, ≥ 1; older ones lie
   *     in files beside the task's state
   * @param retention how late an event may be
   * @param commitInterval how often results are committed while there is little to do
   * @param cuts that sums are kept by beside team, model and feature
   * @param prices the current book; asked for each record
   * @param clock for `ratedAt` and `failedAt`
   */
  public record Settings(
      String topicPrefix,
      ZoneId zone,
      Duration dedupeHorizon,
      int idsInMemory,
      Duration retention,
      Duration commitInterval,
      List<Cut> cuts,
      UsageCodecs codecs,
      Supplier<PriceBook> prices,
      UsageCounters counters,
      Clock clock) {}

  /** The topology. */
  public static Topology build(Settings settings) {
    String prefix = settings.topicPrefix();
    CommitPace pace = new CommitPace(settings.commitInterval());
    Topology topology = new Topology();
    topology.addSource(
        USAGE_SOURCE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topics.USAGE.name(prefix));
    topology.addProcessor(RATE, new RateProcessor.Supplier(settings, pace), USAGE_SOURCE);
    topology.addSink(
        COSTS_SINK,
        Topics.COSTS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        RATE);
    topology.addSink(
        DEAD_LETTERS_SINK,
        Topics.DEAD_LETTERS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        RATE);
    topology.addSink(
        LEDGER_SINK,
        Topics.LEDGER.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        RATE);
    topology.addSink(
        DELTAS_SINK,
        Topics.ROLLUP_DELTAS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        RATE);
    topology.addSource(
        DELTAS_SOURCE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topics.ROLLUP_DELTAS.name(prefix));
    topology.addProcessor(COMBINE, CombineProcessor.ofCosts(settings, pace), DELTAS_SOURCE);
    topology.addSink(
        ROLLUPS_SINK,
        Topics.ROLLUPS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        COMBINE);
    topology.addSink(
        SCOPE_DELTAS_SINK,
        Topics.SCOPE_ROLLUP_DELTAS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        RATE);
    topology.addSource(
        SCOPE_DELTAS_SOURCE,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        Topics.SCOPE_ROLLUP_DELTAS.name(prefix));
    topology.addProcessor(
        COMBINE_SCOPES, CombineProcessor.ofScopes(settings, pace), SCOPE_DELTAS_SOURCE);
    topology.addSink(
        SCOPE_ROLLUPS_SINK,
        Topics.SCOPE_ROLLUPS.name(prefix),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        COMBINE_SCOPES);
    return topology;
  }
}
