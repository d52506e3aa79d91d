-- Rating the past anew: what it needs of a fact, and its own record.

ALTER TABLE {database}.usage_costs_store
    ADD COLUMN IF NOT EXISTS avoided_tokens Map(String, UInt64) COMMENT 'Cache hits: tokens that the hit avoided, by bucket as in the event, such as input or cacheRead; empty for everything else' AFTER avoided_output_tokens;

-- Row: an accepted event, once, at its highest revision. Unit: USD. Source: usage_costs_store.
CREATE OR REPLACE VIEW {database}.usage_costs AS
SELECT * FROM {database}.usage_costs_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row per repricing and change.
CREATE TABLE IF NOT EXISTS {database}.repricings_store
(
    id String COMMENT 'Names the repricing',
    state LowCardinality(String) COMMENT 'requested, running, done or failed',
    dry_run Bool COMMENT 'Whether it only says what would change',
    type LowCardinality(String) COMMENT 'CloudEvents type of the facts; empty: all. Names that end in * stand for all that begin so',
    provider String COMMENT 'Provider or cloud of the facts; empty: all',
    model String COMMENT 'Model, baseline model, GPU model or instance type of the facts; empty: all',
    team String COMMENT 'Team of the facts; empty: all',
    customer String COMMENT 'Customer of the facts; empty: all',
    unpriced_only Bool COMMENT 'Only facts without a price',
    from_time Nullable(DateTime64(6, 'UTC')) COMMENT 'Event time, inclusive; null: all of the past',
    to_time Nullable(DateTime64(6, 'UTC')) COMMENT 'Event time, exclusive; null: without end',
    requested_by String COMMENT 'Who asked; outlay where it began by itself',
    reason String COMMENT 'Why',
    requested_at DateTime64(6, 'UTC'),
    started_at Nullable(DateTime64(6, 'UTC')) COMMENT 'null while it waits',
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'null while it has not ended',
    facts_total UInt64 COMMENT 'Facts that it has to look at',
    facts_read UInt64 COMMENT 'Facts looked at',
    facts_changed UInt64 COMMENT 'Facts whose rating changed: each has one more revision',
    facts_failed UInt64 COMMENT 'Facts left as they were since their new cost is out of range',
    unpriced_before UInt64 COMMENT 'Changed facts that had no price before',
    unpriced_after UInt64 COMMENT 'Changed facts that have no price now',
    old_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' costs before, USD',
    new_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' costs now, USD',
    old_list_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' list costs before, USD',
    new_list_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' list costs now, USD',
    old_avoided_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' known avoided costs before, USD',
    new_avoided_cost Decimal(38, 12) COMMENT 'Sum of the changed facts'' known avoided costs now, USD',
    shares Array(Tuple(team String, model String, facts UInt64, old_cost Decimal(38, 12), new_cost Decimal(38, 12))) COMMENT 'The same by team and model, at most 100',
    error String COMMENT 'Why it was given up, or the first fact that was left as it was and why',
    deleted UInt8,
    kafka_offset UInt64
)
ENGINE = ReplacingMergeTree(kafka_offset, deleted)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: facts of the past rated again: who asked, why, and what came of it. Unit: USD. Source: repricings_store.
CREATE VIEW IF NOT EXISTS {database}.repricings AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.repricings_store FINAL;
