-- The whole life of an incident: what it is about, who did what with it, how it ended. Rows that an older release wrote hold
-- the defaults.

ALTER TABLE {database}.incidents_store
    COMMENT COLUMN status 'open, escalated, acknowledged or resolved',
    COMMENT COLUMN severity 'info, warning or critical',
    ADD COLUMN IF NOT EXISTS metric LowCardinality(String) DEFAULT 'cost' COMMENT 'What was measured, such as cost or error_rate' AFTER states,
    ADD COLUMN IF NOT EXISTS unit LowCardinality(String) DEFAULT 'USD' COMMENT 'Unit of actual and expected' AFTER metric,
    ADD COLUMN IF NOT EXISTS actual String COMMENT 'As measured, a decimal number; empty where it is actual_usd' AFTER unit,
    ADD COLUMN IF NOT EXISTS expected String COMMENT 'What it is held against, a decimal number; empty where it is expected_usd' AFTER actual,
    ADD COLUMN IF NOT EXISTS impact_usd Nullable(Decimal(38, 12)) COMMENT 'What is at stake; null where an older release wrote the row' AFTER expected,
    ADD COLUMN IF NOT EXISTS projected_usd Nullable(Decimal(38, 12)) COMMENT 'What the spend of the whole window will come to' AFTER impact_usd,
    ADD COLUMN IF NOT EXISTS confidence Nullable(Decimal(18, 4)) COMMENT 'How much of the baseline there is, 0 to 1' AFTER projected_usd,
    ADD COLUMN IF NOT EXISTS notes Array(String) COMMENT 'What else there is to know' AFTER confidence,
    ADD COLUMN IF NOT EXISTS causes Array(Tuple(dimension String, value String, delta_usd Decimal(38, 12), share Decimal(18, 4))) COMMENT 'Contributors, largest first; share is of the whole change' AFTER notes,
    ADD COLUMN IF NOT EXISTS volume_usd Nullable(Decimal(38, 12)) COMMENT 'Part of the change that more or fewer requests make; null where it is not spend' AFTER causes,
    ADD COLUMN IF NOT EXISTS unit_price_usd Nullable(Decimal(38, 12)) COMMENT 'Part that dearer or cheaper requests make' AFTER volume_usd,
    ADD COLUMN IF NOT EXISTS mix_usd Nullable(Decimal(38, 12)) COMMENT 'The rest of the change' AFTER unit_price_usd,
    ADD COLUMN IF NOT EXISTS children Array(Tuple(scope Map(String, String), impact_usd Decimal(38, 12))) COMMENT 'Scopes that show the same problem and told nobody' AFTER mix_usd,
    ADD COLUMN IF NOT EXISTS acknowledged_by String COMMENT 'Who has taken it on; empty if nobody has' AFTER children,
    ADD COLUMN IF NOT EXISTS acknowledged_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When somebody took it on' AFTER acknowledged_by,
    ADD COLUMN IF NOT EXISTS silenced_until Nullable(DateTime64(6, 'UTC')) COMMENT 'Until when it tells nobody; null while it does' AFTER acknowledged_at,
    ADD COLUMN IF NOT EXISTS silenced_by String COMMENT 'Who silenced it last' AFTER silenced_until,
    ADD COLUMN IF NOT EXISTS silence_reason String COMMENT 'Why it was silenced' AFTER silenced_by,
    ADD COLUMN IF NOT EXISTS resolution LowCardinality(String) COMMENT 'Why it was resolved, such as within-threshold or by-hand; empty while it is not' AFTER silence_reason,
    ADD COLUMN IF NOT EXISTS resolved_by String COMMENT 'Who resolved it; empty if it resolved by itself' AFTER resolution,
    ADD COLUMN IF NOT EXISTS reopened UInt32 COMMENT 'How often it was opened again' AFTER resolved_by;

-- Row: an incident as it stands. Unit: USD. Source: incidents_store.
CREATE OR REPLACE VIEW {database}.incidents AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.incidents_store FINAL;
