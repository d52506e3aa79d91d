-- The ledger: what became of every record of the usage topic, as the topology counts it in the transaction that writes facts
-- and dead letters. The audit holds the other tables against it.

-- One row per partition of the usage topic and revision; money in USD. All numbers count from the first record on.
CREATE TABLE IF NOT EXISTS {database}.ledger_store
(
    partition UInt32 COMMENT 'Partition of the usage topic',
    next_offset UInt64 COMMENT 'Offset after the last record that is counted: records and skipped_offsets together',
    records UInt64 COMMENT 'Records read: facts of every status, duplicates and dead letters together',
    skipped_offsets UInt64 COMMENT 'Offsets without a record: ends of transactions, what they aborted, and what retention removed before it was read',
    first_skipped_offset Nullable(UInt64) COMMENT 'The first of them; null if there is none',
    priced UInt64 COMMENT 'Facts whose first rating was PRICED',
    unpriced UInt64 COMMENT 'Facts whose first rating was UNPRICED',
    free UInt64 COMMENT 'Facts whose first rating was FREE',
    duplicates UInt64 COMMENT 'Records whose event had been counted at another offset',
    replays UInt64 COMMENT 'Records read again after the group was set back; in no other column',
    dead_letters Map(LowCardinality(String), UInt64) COMMENT 'Records that were set aside, by reason',
    cost Decimal(38, 12) COMMENT 'Sum of the costs of the facts as they were first rated, USD',
    list_cost Decimal(38, 12) COMMENT 'Sum of their list costs, USD',
    avoided_cost Decimal(38, 12) COMMENT 'Sum of their avoided costs that are known, USD',
    revision UInt64 COMMENT 'Counts the entries of the partition; the highest holds',
    time DateTime64(6, 'UTC') COMMENT 'When the entry was written',
    kafka_offset UInt64 COMMENT 'Offset of the entry in the ledger topic'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY partition
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: what became of a partition of the usage topic so far. Unit: USD. Source: ledger_store.
CREATE VIEW IF NOT EXISTS {database}.ledger AS
SELECT * EXCEPT (kafka_offset) FROM {database}.ledger_store FINAL;
