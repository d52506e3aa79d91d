-- Dead letters that were sent through again, and on the dead letters when that was.

-- One row per original, named by where it was read from.
CREATE TABLE IF NOT EXISTS {database}.replays_store
(
    topic LowCardinality(String) COMMENT 'Topic that the original was read from and was sent to again',
    partition UInt32 COMMENT 'Partition that the original was read from',
    offset UInt64 COMMENT 'Offset that the original was read from',
    reason LowCardinality(String) COMMENT 'Why it had been set aside',
    dead_letter_partition UInt32 COMMENT 'Partition of its dead letter',
    dead_letter_offset UInt64 COMMENT 'Offset of its dead letter',
    key_corrected Bool COMMENT 'Whether it was sent with the key of its event in place of the one it came with',
    replayed_at DateTime64(6, 'UTC') COMMENT 'When it was sent again',
    replayed_by String COMMENT 'Who asked for it; empty if unknown',
    why String COMMENT 'What they gave as the occasion; empty if nothing',
    kafka_offset UInt64
)
ENGINE = ReplacingMergeTree(kafka_offset)
ORDER BY (topic, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000;

-- Row: a dead letter that was sent through again. Unit: none. Source: replays_store.
CREATE VIEW IF NOT EXISTS {database}.replays AS
SELECT * EXCEPT (kafka_offset) FROM {database}.replays_store FINAL;

-- Row: a record that was set aside; replayed_at says when it was sent through again, null while it was not. What failed once
-- more is a row of its own, whose header outlay-replayed-from names the dead letter before. Unit: none. Source:
-- dead_letters_store, replays_store.
CREATE OR REPLACE VIEW {database}.dead_letters AS
SELECT l.* EXCEPT (kafka_offset), nullIf(r.last_replayed_at, toDateTime64(0, 6, 'UTC')) AS replayed_at
FROM (SELECT * FROM {database}.dead_letters_store FINAL) AS l
LEFT JOIN
(
    SELECT topic AS of_topic, partition AS of_partition, offset AS of_offset, replayed_at AS last_replayed_at
    FROM {database}.replays_store FINAL
) AS r
    ON l.topic = r.of_topic AND l.partition = r.of_partition AND l.offset = r.of_offset
SETTINGS join_use_nulls = 0;
