-- What else a budget says: its zone, its forecast, whether gateways are to refuse, and how fresh it is.

ALTER TABLE {database}.budget_states_store
    ADD COLUMN IF NOT EXISTS timezone LowCardinality(String) DEFAULT 'UTC' COMMENT 'Time zone of the period' AFTER updated_at,
    ADD COLUMN IF NOT EXISTS forecast_usd Nullable(Decimal(38, 12)) COMMENT 'What the spend of the whole period will come to; null while there is too little to say' AFTER timezone,
    ADD COLUMN IF NOT EXISTS forecast_level LowCardinality(String) DEFAULT 'normal' COMMENT 'Level that the forecast reaches' AFTER forecast_usd,
    ADD COLUMN IF NOT EXISTS hard Bool COMMENT 'Whether gateways are to refuse requests once it is exhausted' AFTER forecast_level,
    ADD COLUMN IF NOT EXISTS as_of Nullable(DateTime64(6, 'UTC')) COMMENT 'Latest event time that is in actual_usd; null before the first' AFTER hard,
    ADD COLUMN IF NOT EXISTS revision UInt64 COMMENT 'Counts the changes of the budget' AFTER as_of;

-- Row: where a budget stands in its current period. Unit: USD. Source: budget_states_store.
CREATE OR REPLACE VIEW {database}.budget_states AS
SELECT * EXCEPT (deleted, kafka_offset) FROM {database}.budget_states_store FINAL;
