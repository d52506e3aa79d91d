package io.outlay.topic;

import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRecord;
import io.outlay.schema.CostRollup;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.Incident;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.Price;
import io.outlay.schema.Replay;
import io.outlay.schema.Repricing;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.topic.Topic.Partitioning;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/** Every topic of Outlay. */
public final class Topics {
  /** Prefix of topic names unless configured otherwise. */
  public static final String DEFAULT_PREFIX = "outlay.";

  /**
   * Accepted usage. Key: {@link io.outlay.usage.EventKey}. The record's timestamp is the broker's,
   * so that it only grows; event time is a field.
   */
  public static final Topic<UsageEvent> USAGE =
      new Topic<>(
          "usage",
          UsageEvent.class,
          Partitioning.SCALED,
          Map.of(
              TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
              "LogAppendTime",
              TopicConfig.RETENTION_MS_CONFIG,
              millis(Duration.ofDays(7))));

  /** One record per accepted event and revision. Key: the event's. */
  public static final Topic<CostRecord> COSTS =
      new Topic<>(
          "costs",
          CostRecord.class,
          Partitioning.SCALED,
          Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(Duration.ofDays(7))));

  /**
   * What each partition of the usage adds to the minutes of a scope, between two commits. Internal
   * to the topology. Key: {@link RollupKey#scopeBytes}.
   */
  public static final Topic<CostRollup> ROLLUP_DELTAS =
      new Topic<>(
          "rollup-deltas",
          CostRollup.class,
          Partitioning.SCALED,
          Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(Duration.ofDays(7))));

  /** Sums by window and scope; the last record of a key holds. Key: {@link RollupKey}. */
  public static final Topic<CostRollup> ROLLUPS =
      new Topic<>("rollups", CostRollup.class, Partitioning.SCALED, sums());

  /**
   * What each partition of the usage adds to the minutes of a scope of a cut, between two commits.
   * Internal to the topology. Key: {@link ScopeKey#scopeBytes}.
   */
  public static final Topic<ScopeRollup> SCOPE_ROLLUP_DELTAS =
      new Topic<>(
          "scope-rollup-deltas",
          ScopeRollup.class,
          Partitioning.SCALED,
          Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(Duration.ofDays(7))));

  /**
   * Sums by window and scope of the configured cuts; the last record of a key holds. Key: {@link
   * ScopeKey}.
   */
  public static final Topic<ScopeRollup> SCOPE_ROLLUPS =
      new Topic<>("scope-rollups", ScopeRollup.class, Partitioning.SCALED, sums());

  /** The price book. Key: price id. */
  public static final Topic<Price> PRICES =
      new Topic<>("prices", Price.class, Partitioning.SINGLE, compacted());

  /** What could not be accepted, whole, with the reason. Key: the original. */
  public static final Topic<DeadLetter> DEAD_LETTERS =
      new Topic<>(
          "dead-letters",
          DeadLetter.class,
          Partitioning.SCALED,
          Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(Duration.ofDays(30))));

  /**
   * Dead letters that were sent through again. Key: topic, partition and offset of the original,
   * with slashes between. Kept longer than a dead letter can last, which is its retention and the
   * age that its segment reaches: a letter without its replay would be sent a second time.
   */
  public static final Topic<Replay> REPLAYS =
      new Topic<>(
          "replays",
          Replay.class,
          Partitioning.SINGLE,
          Map.of(TopicConfig.RETENTION_MS_CONFIG, millis(Duration.ofDays(60))));

  /** Incidents. Key: incident id. */
  public static final Topic<Incident> INCIDENTS =
      new Topic<>("incidents", Incident.class, Partitioning.SINGLE, compacted());

  /** Budgets. Key: name of the budget. */
  public static final Topic<BudgetState> BUDGET_STATES =
      new Topic<>("budget-states", BudgetState.class, Partitioning.SINGLE, compacted());

  /** Ratings of the past anew. Key: id of the repricing. */
  public static final Topic<Repricing> REPRICINGS =
      new Topic<>("repricings", Repricing.class, Partitioning.SINGLE, compacted());

  /**
   * What became of each partition of the usage; the last record of a key holds. Key: the partition
   * as decimal text. Written with every commit, hence the short segments: only closed ones are
   * compacted.
   */
  public static final Topic<LedgerEntry> LEDGER =
      new Topic<>("ledger", LedgerEntry.class, Partitioning.SINGLE, compactedSoon());

  /** All of them. */
  public static final List<Topic<?>> ALL =
      List.of(
          USAGE,
          COSTS,
          ROLLUP_DELTAS,
          ROLLUPS,
          SCOPE_ROLLUP_DELTAS,
          SCOPE_ROLLUPS,
          PRICES,
          DEAD_LETTERS,
          INCIDENTS,
          BUDGET_STATES,
          REPRICINGS,
          REPLAYS,
          LEDGER);

  private Topics() {}

  private static Map<String, String> compacted() {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_COMPACT,
        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
        "0.1");
  }

  /**
   * A sum is written again with every commit that changes it, and who starts reads all that was not
   * cleaned away: hence short segments, of which only the closed ones are cleaned.
   */
  private static Map<String, String> sums() {
    return Map.of(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_COMPACT,
        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
        "0.3",
        TopicConfig.SEGMENT_BYTES_CONFIG,
        Integer.toString(16 << 20));
  }

  private static Map<String, String> compactedSoon() {
    Map<String, String> config = new HashMap<>(compacted());
    config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(16 << 20));
    return Map.copyOf(config);
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}
