-- What is billed by other units than tokens, and what prompt caches and service tiers saved.

ALTER TABLE {database}.usage_costs_store
    ADD COLUMN IF NOT EXISTS images UInt64 COMMENT 'Images generated' AFTER web_searches,
    ADD COLUMN IF NOT EXISTS characters UInt64 COMMENT 'Characters spoken or read' AFTER images,
    ADD COLUMN IF NOT EXISTS media_seconds Decimal(18, 6) COMMENT 'Seconds of audio or video' AFTER characters,
    ADD COLUMN IF NOT EXISTS pages UInt64 COMMENT 'Pages read' AFTER media_seconds,
    ADD COLUMN IF NOT EXISTS prompt_cache_saved Nullable(Decimal(18, 12)) COMMENT 'USD that the provider''s prompt cache saved: its tokens as plain input, less what they did cost; negative where writing cost more than reading saved, 0 without it, null where unknown' AFTER avoided_cost,
    ADD COLUMN IF NOT EXISTS tier_saved Nullable(Decimal(18, 12)) COMMENT 'USD that a service tier or batch saved: the call at the standard tier, less what it did cost; negative for a dearer tier, 0 at standard, null where unknown' AFTER prompt_cache_saved;

-- Row: an accepted event, once, at its highest revision. Unit: USD. Source: usage_costs_store.
CREATE OR REPLACE VIEW {database}.usage_costs AS
SELECT * FROM {database}.usage_costs_store FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Row: a day of one team, feature and model, and what was saved on it. Each column of savings says what it would have cost
-- more had that one thing been otherwise, all else as it was; negative where it made things dearer.
--   list_cost = cost + capacity_saved + negotiated_saved, exactly
--   cost + prompt_cache_saved = the cost without the providers' prompt caches
--   cost + tier_saved = the cost at standard tiers, nothing in batches
--   cost + routing_saved = the cost at the baseline models
--   cost + cache_hit_saved = the cost without one's own caches
-- Two things that changed one call overlap, so that only capacity_saved, negotiated_saved and cache_hit_saved can be added
-- up with each other. What is not known counts as nothing saved and in unknown_savings; nothing unpriced saves anything.
-- Each sum is that of usage_costs. Unit: USD. Source: usage_costs.
--   capacity_saved: spot and reserved against on demand, and what was negotiated for machines (list_cost - cost)
--   negotiated_saved: negotiated prices and discounts of everything else (list_cost - cost)
--   cache_hit_saved: what calls would have cost that one's own caches answered
--   routing_saved: the baseline models of routed calls against those that served
--   prompt_cache_saved: providers' prompt caches against plain input, the surcharge of writing to them included
--   tier_saved: batch, flex and other tiers against standard
CREATE VIEW IF NOT EXISTS {database}.savings_by_day AS
SELECT
    day,
    team,
    feature,
    model,
    count() AS events,
    countIf(pricing_status = 'UNPRICED') AS unpriced_events,
    countIf(pricing_status != 'UNPRICED' AND (u.avoided_cost IS NULL OR u.prompt_cache_saved IS NULL OR u.tier_saved IS NULL)) AS unknown_savings,
    sum(u.cost) AS cost,
    sum(u.list_cost) AS list_cost,
    sumIf(u.list_cost, type IN ('io.outlay.gpu.usage', 'io.outlay.compute.usage')) - sumIf(u.cost, type IN ('io.outlay.gpu.usage', 'io.outlay.compute.usage')) AS capacity_saved,
    list_cost - cost - capacity_saved AS negotiated_saved,
    ifNull(sumIf(u.avoided_cost, type = 'io.outlay.cache.lookup'), 0) AS cache_hit_saved,
    ifNull(sumIf(u.avoided_cost, type = 'io.outlay.llm.usage'), 0) AS routing_saved,
    ifNull(sum(u.prompt_cache_saved), 0) AS prompt_cache_saved,
    ifNull(sum(u.tier_saved), 0) AS tier_saved
FROM {database}.usage_costs AS u
GROUP BY day, team, feature, model;
