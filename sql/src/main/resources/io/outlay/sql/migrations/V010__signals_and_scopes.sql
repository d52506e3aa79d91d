-- What rules judge beside spend: how calls ended and how long they took, how busy accelerators were, what caches found, how
-- good answers were; and the same sums for the scopes of configured cuts. Rollups that an older release wrote hold zeros.

ALTER TABLE {database}.cost_rollups_store
    ADD COLUMN IF NOT EXISTS status_events UInt64 COMMENT 'Facts that say how a call ended' AFTER last_event_time,
    ADD COLUMN IF NOT EXISTS errors UInt64 COMMENT 'Facts among them that do not say ok' AFTER status_events,
    ADD COLUMN IF NOT EXISTS latency_events UInt64 COMMENT 'Facts that say how long a call took' AFTER errors,
    ADD COLUMN IF NOT EXISTS latency_millis UInt64 COMMENT 'Sum of how long they took, milliseconds' AFTER latency_events,
    ADD COLUMN IF NOT EXISTS gpu_millis UInt64 COMMENT 'Accelerator time, milliseconds, each fact''s rounded half up' AFTER latency_millis,
    ADD COLUMN IF NOT EXISTS gpu_measured_millis UInt64 COMMENT 'Accelerator time of the facts whose utilisation is known' AFTER gpu_millis,
    ADD COLUMN IF NOT EXISTS gpu_busy_millis UInt64 COMMENT 'That time weighted with the utilisation, each fact''s rounded half up' AFTER gpu_measured_millis,
    ADD COLUMN IF NOT EXISTS gpu_idle_cost Decimal(38, 12) COMMENT 'What the idle part of that time cost, USD: cost times (1 - utilisation), each fact''s rounded half even' AFTER gpu_busy_millis,
    ADD COLUMN IF NOT EXISTS cache_lookups UInt64 COMMENT 'Looks into one''s own caches' AFTER gpu_idle_cost,
    ADD COLUMN IF NOT EXISTS cache_hits UInt64 COMMENT 'Looks among them that found something' AFTER cache_lookups,
    ADD COLUMN IF NOT EXISTS score_events UInt64 COMMENT 'Quality scores' AFTER cache_hits,
    ADD COLUMN IF NOT EXISTS score_millionths UInt64 COMMENT 'Sum of the quality scores, in millionths' AFTER score_events;

-- Row: a window of one team, model and feature, once, at its highest revision. Unit: USD. Source: cost_rollups_store.
CREATE OR REPLACE VIEW {database}.cost_rollups AS
SELECT * FROM {database}.cost_rollups_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row per window and scope of a cut, and revision; money in USD. The scope stands as a map for queries and as text for
-- the sorting key, which takes no map.
CREATE TABLE IF NOT EXISTS {database}.scope_rollups_store
(
    window_start DateTime64(6, 'UTC') COMMENT 'Start of the window, inclusive',
    window Enum8('minute' = 0, 'hour' = 1) COMMENT 'Length of the window; hours are of the configured time zone',
    day Date COMMENT 'Calendar day of window_start in the configured time zone',
    cut LowCardinality(String) COMMENT 'Dimensions of the scope, joined with +, such as customer+team',
    scope Map(LowCardinality(String), String) COMMENT 'Dimensions with their values, as in the facts',
    scope_text String COMMENT 'The same as text: customer=acme&team=search',
    events UInt64 COMMENT 'Facts in the window',
    unpriced_events UInt64 COMMENT 'Facts among them that have no price',
    cost Decimal(38, 12) COMMENT 'Sum of the costs, USD',
    list_cost Decimal(38, 12) COMMENT 'Sum of the list costs, USD',
    avoided_cost Decimal(38, 12) COMMENT 'Sum of the avoided costs that are known, USD',
    requests UInt64,
    input_tokens UInt64 COMMENT 'Sum of all input token buckets',
    output_tokens UInt64 COMMENT 'Sum of all output token buckets',
    revision UInt64 COMMENT 'Counts the changes of this row; the highest holds',
    last_event_time DateTime64(6, 'UTC') COMMENT 'Latest event time among the facts',
    status_events UInt64 COMMENT 'Facts that say how a call ended',
    errors UInt64 COMMENT 'Facts among them that do not say ok',
    latency_events UInt64 COMMENT 'Facts that say how long a call took',
    latency_millis UInt64 COMMENT 'Sum of how long they took, milliseconds',
    gpu_millis UInt64 COMMENT 'Accelerator time, milliseconds, each fact''s rounded half up',
    gpu_measured_millis UInt64 COMMENT 'Accelerator time of the facts whose utilisation is known',
    gpu_busy_millis UInt64 COMMENT 'That time weighted with the utilisation, each fact''s rounded half up',
    gpu_idle_cost Decimal(38, 12) COMMENT 'What the idle part of that time cost, USD: cost times (1 - utilisation), each fact''s rounded half even',
    cache_lookups UInt64 COMMENT 'Looks into one''s own caches',
    cache_hits UInt64 COMMENT 'Looks among them that found something',
    score_events UInt64 COMMENT 'Quality scores',
    score_millionths UInt64 COMMENT 'Sum of the quality scores, in millionths',
    kafka_partition UInt32 COMMENT 'Partition of the scope-rollups topic this revision was read from',
    kafka_offset UInt64 COMMENT 'Offset of this revision in that partition'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(window_start)
ORDER BY (cut, window, window_start, scope_text)
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: a window of one scope of a cut, once, at its highest revision. Unit: USD. Source: scope_rollups_store.
CREATE VIEW IF NOT EXISTS {database}.scope_rollups AS
SELECT * FROM {database}.scope_rollups_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Row: a day of one team, model and feature, and how well its usage went: the sums to add up, and ratios of them, each null
-- where there is nothing to divide by. A cache miss names no model, so that cache_hit_rate means something over all models
-- only. Unit: USD, milliseconds, fractions of 1. Source: cost_rollups, windows of a day.
--   cost_per_request: everything the scope cost, machines included, by its calls of models
--   error_rate: of the facts that say how a call ended
--   gpu_utilization: weighted with time, of the facts whose utilisation is known
CREATE VIEW IF NOT EXISTS {database}.signals_by_day AS
SELECT
    day,
    team,
    model,
    feature,
    events,
    cost,
    requests,
    if(requests = 0, NULL, divideDecimal(cost, toDecimal128(greatest(requests, 1), 0), 12)) AS cost_per_request,
    status_events,
    errors,
    errors / nullIf(status_events, 0) AS error_rate,
    latency_events,
    latency_millis,
    latency_millis / nullIf(latency_events, 0) AS mean_latency_ms,
    gpu_millis,
    gpu_measured_millis,
    gpu_busy_millis,
    gpu_busy_millis / nullIf(gpu_measured_millis, 0) AS gpu_utilization,
    gpu_idle_cost,
    cache_lookups,
    cache_hits,
    cache_hits / nullIf(cache_lookups, 0) AS cache_hit_rate,
    score_events,
    score_millionths,
    score_millionths / 1000000 / nullIf(score_events, 0) AS mean_score,
    last_event_time
FROM {database}.cost_rollups
WHERE window = 'day';
