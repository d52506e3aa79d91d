-- Facts and rollups.
--
-- Rows arrive at least once and with growing revisions. Each stored table keeps the highest revision of a key when parts
-- merge; the view of the same name without `_store` does so while reading and is what everyone reads. Two guards stand in
-- front of that: the sink's deduplication tokens (hence the window on every table it inserts into) and, for facts, the
-- topology's own dedupe.

CREATE DATABASE IF NOT EXISTS {database};

-- One row per accepted event and revision; money in USD.
--
-- The sorting key holds only what an event never changes, so that all revisions of an event meet. It begins with the day:
-- parts then overlap in few days, and FINAL merges only where they overlap. `event_time` itself stands in it, so that
-- revisions of an event are always in one monthly partition and the views may let FINAL take partitions one by one. The
-- primary key is the short prefix that queries filter by; with `event_time` in it, ClickHouse would no longer use the day.
--
-- LowCardinality only where a dimension is usually set and grouped by: building dictionaries is a good part of what an
-- insert costs, and a column that is nearly always empty is stored sparsely anyway.
CREATE TABLE IF NOT EXISTS {database}.usage_costs_store
(
    event_key UUID COMMENT 'First 16 bytes of SHA-256 over source, a zero byte and event_id; names the event for ever',
    event_id String COMMENT 'The publisher''s id',
    source LowCardinality(String) COMMENT 'The publisher that numbers event_id',
    type LowCardinality(String) COMMENT 'CloudEvents type, such as io.outlay.llm.usage',
    event_time DateTime64(6, 'UTC') COMMENT 'When the usage happened' CODEC(Delta, LZ4),
    day Date COMMENT 'Calendar day of event_time in the configured time zone',
    ingested_at DateTime64(6, 'UTC') COMMENT 'When a collector took the event in',
    team LowCardinality(String),
    project LowCardinality(String),
    feature LowCardinality(String),
    customer String,
    user String COMMENT 'End user',
    environment LowCardinality(String),
    region LowCardinality(String),
    provider LowCardinality(String) COMMENT 'Provider of the model, or cloud that bills the resource',
    model LowCardinality(String) COMMENT 'Model that served, was avoided by a cache hit, or was judged; empty for everything else',
    baseline_model String COMMENT 'Model that would have served without routing; empty if not routed',
    operation LowCardinality(String) COMMENT 'chat, embedding, rerank, retrieve, …',
    request_id String COMMENT 'Request the usage is a part of',
    trace_id String,
    tags Map(LowCardinality(String), String),
    service_tier String,
    batch Bool,
    status String,
    latency_ms Nullable(UInt32) COMMENT 'Milliseconds to the end of the answer; null if unknown',
    input_tokens UInt64 COMMENT 'Prompt tokens neither read from nor written to a cache. The token buckets are disjoint',
    cache_read_tokens UInt64,
    cache_write_5m_tokens UInt64,
    cache_write_1h_tokens UInt64,
    output_tokens UInt64,
    reasoning_tokens UInt64,
    input_audio_tokens UInt64,
    output_audio_tokens UInt64,
    input_image_tokens UInt64,
    output_image_tokens UInt64,
    avoided_input_tokens UInt64 COMMENT 'Cache hits: input tokens of all buckets that the hit avoided. They were not used and are in no other column',
    avoided_output_tokens UInt64 COMMENT 'Cache hits: output tokens of all buckets that the hit avoided',
    requests UInt64 COMMENT 'Calls of a model that the event stands for; 0 for everything that is not a call',
    web_searches UInt64,
    gpu_model String,
    gpu_seconds Decimal(18, 6) COMMENT 'Seconds of one accelerator: two for a second are 2',
    utilization Nullable(Decimal(9, 6)) COMMENT 'Mean utilisation, 0 to 1; null if unknown',
    instance_type String,
    cpu_seconds Decimal(18, 6) COMMENT 'Seconds of one processor',
    memory_gb_seconds Decimal(18, 6) COMMENT 'Gigabytes (10^9 bytes) times seconds',
    purchase_option String COMMENT 'on_demand, spot or reserved',
    node String,
    workload String,
    cache_layer String COMMENT 'exact, semantic, prefix or edge',
    cache_hit Bool,
    store String,
    dataset String,
    tier String COMMENT 'Tier that held the bytes: hot, warm, cold or archive',
    from_tier String COMMENT 'Tier that bytes moved out of',
    to_tier String COMMENT 'Tier that bytes moved into',
    bytes UInt64,
    seconds Decimal(18, 6) COMMENT 'Seconds of whole instances, or for which bytes were held',
    network_path String COMMENT 'egress, inter_region, inter_zone or cdn',
    metric String COMMENT 'What a score judges',
    score Nullable(Decimal(9, 6)) COMMENT 'Score, 0 to 1; null for everything that is not one',
    category String COMMENT 'Category of a direct cost',
    description String COMMENT 'Description of a direct cost',
    amount Decimal(18, 12) COMMENT 'Amount of a direct cost in its currency',
    pricing_status Enum8('PRICED' = 0, 'UNPRICED' = 1, 'FREE' = 2),
    reason String COMMENT 'Why it is UNPRICED',
    price_id LowCardinality(String) COMMENT 'Price that rated it; empty if none did',
    price_version UInt32,
    cost Decimal(18, 12) COMMENT 'USD; 0 while UNPRICED, where it is unknown',
    list_cost Decimal(18, 12) COMMENT 'USD at list prices',
    avoided_cost Nullable(Decimal(18, 12)) COMMENT 'USD that a cache hit or a routed call saved, negative if it cost more; 0 where nothing was avoided, null where unknown',
    currency String COMMENT 'Currency of amount; cost is USD whatever it says',
    revision UInt32 COMMENT '1 for the first rating, higher with each later one',
    rated_at DateTime64(6, 'UTC') COMMENT 'When it was rated',
    kafka_partition UInt32 COMMENT 'Partition of the costs topic this revision was read from',
    kafka_offset UInt64 COMMENT 'Offset of this revision in that partition',
    INDEX day_range day TYPE minmax GRANULARITY 1,
    INDEX request_id_filter request_id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX event_id_filter event_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(event_time)
PRIMARY KEY (toDate(event_time), team, feature, model)
ORDER BY (toDate(event_time), team, feature, model, event_time, event_key)
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: an accepted event, once, at its highest revision. Unit: USD. Source: usage_costs_store.
CREATE VIEW IF NOT EXISTS {database}.usage_costs AS
SELECT * FROM {database}.usage_costs_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row per window, team, model and feature, and revision; money in USD.
CREATE TABLE IF NOT EXISTS {database}.cost_rollups_store
(
    window_start DateTime64(6, 'UTC') COMMENT 'Start of the window, inclusive',
    window Enum8('minute' = 0, 'hour' = 1, 'day' = 2) COMMENT 'Length of the window; hours and days are of the configured time zone',
    day Date COMMENT 'Calendar day of window_start in the configured time zone',
    team LowCardinality(String),
    model LowCardinality(String),
    feature LowCardinality(String),
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
    kafka_partition UInt32 COMMENT 'Partition of the rollups topic this revision was read from',
    kafka_offset UInt64 COMMENT 'Offset of this revision in that partition'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(window_start)
ORDER BY (window, window_start, team, model, feature)
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: a window of one team, model and feature, once, at its highest revision. Unit: USD. Source: cost_rollups_store.
CREATE VIEW IF NOT EXISTS {database}.cost_rollups AS
SELECT * FROM {database}.cost_rollups_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;
