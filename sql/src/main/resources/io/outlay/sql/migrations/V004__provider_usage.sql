-- What a provider itself reported, beside the counts that were made from it.

ALTER TABLE {database}.usage_costs_store
    ADD COLUMN IF NOT EXISTS warning String COMMENT 'Contradiction in what the source reported, and how it was taken; empty if there is none' AFTER tags,
    ADD COLUMN IF NOT EXISTS provider_api LowCardinality(String) COMMENT 'API whose shape provider_usage has, such as openai.chat; empty if the publisher counted' AFTER warning,
    ADD COLUMN IF NOT EXISTS provider_usage String COMMENT 'Usage object of the provider, JSON' CODEC(ZSTD(1)) AFTER provider_api;

-- Row: an accepted event, once, at its highest revision. Unit: USD. Source: usage_costs_store.
CREATE OR REPLACE VIEW {database}.usage_costs AS
SELECT * FROM {database}.usage_costs_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;
