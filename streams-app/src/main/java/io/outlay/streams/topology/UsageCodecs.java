package io.outlay.streams.topology;

import io.outlay.schema.CostRecord;
import io.outlay.schema.CostRollup;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.Topics;

/** The codecs of the topics that the topology reads and writes. */
public record UsageCodecs(
    AvroCodec<UsageEvent> usage,
    AvroCodec<CostRecord> costs,
    AvroCodec<CostRollup> deltas,
    AvroCodec<CostRollup> rollups,
    AvroCodec<ScopeRollup> scopeDeltas,
    AvroCodec<ScopeRollup> scopeRollups,
    AvroCodec<DeadLetter> deadLetters,
    AvroCodec<LedgerEntry> ledger) {

  /** Registers the schemas of all of them. */
  public static UsageCodecs register(String prefix, SchemaRegistry registry) {
    return new UsageCodecs(
        AvroCodec.of(Topics.USAGE, prefix, registry),
        AvroCodec.of(Topics.COSTS, prefix, registry),
        AvroCodec.of(Topics.ROLLUP_DELTAS, prefix, registry),
        AvroCodec.of(Topics.ROLLUPS, prefix, registry),
        AvroCodec.of(Topics.SCOPE_ROLLUP_DELTAS, prefix, registry),
        AvroCodec.of(Topics.SCOPE_ROLLUPS, prefix, registry),
        AvroCodec.of(Topics.DEAD_LETTERS, prefix, registry),
        AvroCodec.of(Topics.LEDGER, prefix, registry));
  }
}
