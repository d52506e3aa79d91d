-- The topics of the same names: prices, dead letters, incidents, budgets.
--
-- For the compacted topics, the record with the highest offset of a key holds; each has one partition, so offsets order
-- all of it. A tombstone is stored as a deleted row, which the view leaves out.

-- One row per price id and change.
CREATE TABLE IF NOT EXISTS {database}.prices_store
(
    id String COMMENT 'Names the subject and, unless it held since always, its start',
    version UInt32 COMMENT '1 for the first, higher with each correction of the id',
    kind LowCardinality(String) COMMENT 'model, gpu, compute, storage, storage_move or network',
    provider LowCardinality(String) COMMENT 'Provider or cloud; empty if the price holds for any',
    name String COMMENT 'Model, GPU model, instance type, tier, tiers as from>to, or network path',
    purchase_option LowCardinality(String),
    valid_from Nullable(DateTime64(6, 'UTC')) COMMENT 'Inclusive; null: since always',
    valid_to Nullable(DateTime64(6, 'UTC')) COMMENT 'Exclusive; null: until further notice',
    rates Array(Tuple(above_input_tokens UInt64, service_tier String, meter String, amount Decimal(18, 12))) COMMENT 'Amount in currency per the number of units that the meter names, such as 1,000,000 input_tokens',
    currency LowCardinality(String),
    origin String COMMENT 'Where the figures come from: default for the shipped book',
    as_of String COMMENT 'Date the figures were taken; empty if unknown',
    deleted UInt8,
    kafka_offset UInt64
)
ENGINE = ReplacingMergeTree(kafka_offset, deleted)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: a price that is in the book. Unit: `currency` per unit of the meter. Source: prices_store.
CREATE VIEW IF NOT EXISTS {database}.prices AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.prices_store FINAL;

-- One row per record that was set aside, named by where it was read from.
CREATE TABLE IF NOT EXISTS {database}.dead_letters_store
(
    topic LowCardinality(String) COMMENT 'Topic the record was read from',
    partition UInt32,
    offset UInt64,
    record_time DateTime64(3, 'UTC') COMMENT 'Timestamp of the record',
    reason LowCardinality(String) COMMENT 'unreadable, invalid, wrong_key, too_late or cost_out_of_range',
    message String COMMENT 'What exactly was wrong, naming field and value',
    key String COMMENT 'Bytes of the key as they came; empty if it had none',
    value String COMMENT 'Bytes of the value as they came; empty if it had none',
    headers Map(String, String) COMMENT 'Headers; values are bytes as they came',
    stack String,
    failed_at DateTime64(6, 'UTC') COMMENT 'When it was set aside',
    kafka_offset UInt64 COMMENT 'Offset in the dead-letters topic'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: a record that was set aside. Unit: none. Source: dead_letters_store.
CREATE VIEW IF NOT EXISTS {database}.dead_letters AS
SELECT * EXCEPT (kafka_offset) FROM {database}.dead_letters_store FINAL;

-- One row per incident and change.
CREATE TABLE IF NOT EXISTS {database}.incidents_store
(
    incident_id String COMMENT 'Names the incident for ever',
    dedup_key String COMMENT 'The same for all incidents of one rule and scope',
    status LowCardinality(String) COMMENT 'open, escalated or resolved',
    severity LowCardinality(String) COMMENT 'warning or critical',
    rule String,
    rule_type LowCardinality(String),
    threshold String COMMENT 'Threshold of the rule at the time, a decimal number',
    scope Map(String, String) COMMENT 'Dimensions that name the scope',
    window_start DateTime64(6, 'UTC'),
    window_end DateTime64(6, 'UTC'),
    timezone LowCardinality(String),
    actual_usd Decimal(38, 12) COMMENT 'Spend in the window so far',
    expected_usd Decimal(38, 12) COMMENT 'Spend that the baseline expects for the same part of the window',
    started_at DateTime64(6, 'UTC') COMMENT 'Latest event time that was judged',
    detected_at DateTime64(6, 'UTC') COMMENT 'When it was opened',
    updated_at DateTime64(6, 'UTC') COMMENT 'When it was last changed',
    resolved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was resolved; null while it is not',
    states UInt32 COMMENT 'Number of its states so far',
    notifications Array(Tuple(receiver String, message_id String, state UInt32, attempts UInt32, delivered_at Nullable(DateTime64(6, 'UTC')), last_error String)) COMMENT 'What is or was owed to receivers',
    deleted UInt8,
    kafka_offset UInt64
)
ENGINE = ReplacingMergeTree(kafka_offset, deleted)
ORDER BY incident_id
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: an incident as it stands. Unit: USD. Source: incidents_store.
CREATE VIEW IF NOT EXISTS {database}.incidents AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.incidents_store FINAL;

-- One row per budget and change.
CREATE TABLE IF NOT EXISTS {database}.budget_states_store
(
    name String COMMENT 'Name of the budget',
    scope Map(String, String) COMMENT 'Dimensions that name the scope',
    period LowCardinality(String) COMMENT 'day, week, month or quarter',
    period_start DateTime64(6, 'UTC') COMMENT 'Inclusive',
    period_end DateTime64(6, 'UTC') COMMENT 'Exclusive',
    limit_usd Decimal(38, 12),
    actual_usd Decimal(38, 12) COMMENT 'Spend so far',
    level LowCardinality(String) COMMENT 'normal, warn, degrade, critical, limit or exhausted',
    updated_at DateTime64(6, 'UTC'),
    deleted UInt8,
    kafka_offset UInt64
)
ENGINE = ReplacingMergeTree(kafka_offset, deleted)
ORDER BY name
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: where a budget stands in its current period. Unit: USD. Source: budget_states_store.
CREATE VIEW IF NOT EXISTS {database}.budget_states AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.budget_states_store FINAL;
