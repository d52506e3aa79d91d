-- What a price says beside its rates: whom, where and when they hold for, and by what they are multiplied.

ALTER TABLE {database}.prices_store
    MODIFY COLUMN kind COMMENT 'model, gpu, compute, storage, storage_move, network, exchange_rate or discount',
    MODIFY COLUMN rates COMMENT 'Amount in currency per the number of units that the meter names, such as 1,000,000 input_tokens; the time of day of each stands in rate_minutes',
    ADD COLUMN IF NOT EXISTS match LowCardinality(String) DEFAULT 'exact' COMMENT 'exact: usage of this name; prefix: usage whose name begins with it' AFTER purchase_option,
    ADD COLUMN IF NOT EXISTS aliases Array(String) COMMENT 'Other names of the same subject' AFTER match,
    ADD COLUMN IF NOT EXISTS region LowCardinality(String) COMMENT 'Region it holds in; empty for all' AFTER aliases,
    ADD COLUMN IF NOT EXISTS team LowCardinality(String) COMMENT 'Team that negotiated it; empty for a list price' AFTER region,
    ADD COLUMN IF NOT EXISTS customer String COMMENT 'Customer that negotiated it; empty for a list price' AFTER team,
    ADD COLUMN IF NOT EXISTS rate_minutes Array(Tuple(from_minute UInt16, to_minute UInt16)) COMMENT 'Minutes of the day, UTC, that the rate of the same position holds in: from inclusive, to exclusive, over midnight if to is below from; empty: all day' AFTER rates,
    ADD COLUMN IF NOT EXISTS tier_multipliers Map(LowCardinality(String), Decimal(18, 6)) COMMENT 'Factor on all rates for a service tier, batch among them, that has no rates of its own: 0.5 is half' AFTER rate_minutes,
    ADD COLUMN IF NOT EXISTS region_multipliers Map(LowCardinality(String), Decimal(18, 6)) COMMENT 'Factor on all rates for usage in a region, which ends in * where it stands for all that begin so: 1.1 is a tenth more' AFTER tier_multipliers,
    ADD COLUMN IF NOT EXISTS discount Decimal(9, 6) COMMENT 'Fraction that a discount takes off list prices: 0.15 is 15 %; 0 for every other kind' AFTER region_multipliers;

-- Row: a price that is in the book. Unit: rates in `currency` per the units of the meter; multipliers are factors and discount
-- is a fraction. rates holds one tuple for each threshold, service tier, time of day and meter. Source: prices_store.
CREATE OR REPLACE VIEW {database}.prices AS
SELECT
    id,
    version,
    kind,
    provider,
    name,
    purchase_option,
    match,
    aliases,
    region,
    team,
    customer,
    valid_from,
    valid_to,
    CAST(arrayMap((r, m) -> (r.1, r.2, r.3, r.4, m.1, m.2), s.rates, arrayResize(s.rate_minutes, length(s.rates), CAST((0, 1440), 'Tuple(from_minute UInt16, to_minute UInt16)'))), 'Array(Tuple(above_input_tokens UInt64, service_tier String, meter String, amount Decimal(18, 12), from_minute UInt16, to_minute UInt16))') AS rates,
    tier_multipliers,
    region_multipliers,
    discount,
    currency,
    origin,
    as_of
FROM {database}.prices_store AS s FINAL;
