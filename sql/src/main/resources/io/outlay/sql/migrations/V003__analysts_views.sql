-- The analysts' views. Money is USD and exact; sums are Decimal(38, 12) and cannot overflow. Days are those of the
-- configured time zone. Facts are read through usage_costs, sums that the rollups hold through cost_rollups.

-- Row: a day of one team, model and feature. Unit: USD. Source: cost_rollups, windows of a day.
CREATE VIEW IF NOT EXISTS {database}.spend_by_day AS
SELECT
    day,
    team,
    model,
    feature,
    events,
    unpriced_events,
    requests,
    input_tokens,
    output_tokens,
    cost,
    list_cost,
    avoided_cost,
    last_event_time
FROM {database}.cost_rollups
WHERE window = 'day';

-- Row: a day of one team. Unit: USD. Source: spend_by_day.
CREATE VIEW IF NOT EXISTS {database}.spend_by_team AS
SELECT
    day,
    team,
    sum(s.events) AS events,
    sum(s.unpriced_events) AS unpriced_events,
    sum(s.requests) AS requests,
    sum(s.input_tokens) AS input_tokens,
    sum(s.output_tokens) AS output_tokens,
    sum(s.cost) AS cost,
    sum(s.list_cost) AS list_cost,
    sum(s.avoided_cost) AS avoided_cost
FROM {database}.spend_by_day AS s
GROUP BY day, team;

-- Row: a day of one model; empty for what no model was part of. Unit: USD. Source: spend_by_day.
CREATE VIEW IF NOT EXISTS {database}.spend_by_model AS
SELECT
    day,
    model,
    sum(s.events) AS events,
    sum(s.unpriced_events) AS unpriced_events,
    sum(s.requests) AS requests,
    sum(s.input_tokens) AS input_tokens,
    sum(s.output_tokens) AS output_tokens,
    sum(s.cost) AS cost,
    sum(s.list_cost) AS list_cost,
    sum(s.avoided_cost) AS avoided_cost
FROM {database}.spend_by_day AS s
GROUP BY day, model;

-- Row: a day of one feature of one team. Unit: USD. Source: spend_by_day.
CREATE VIEW IF NOT EXISTS {database}.spend_by_feature AS
SELECT
    day,
    team,
    feature,
    sum(s.events) AS events,
    sum(s.unpriced_events) AS unpriced_events,
    sum(s.requests) AS requests,
    sum(s.input_tokens) AS input_tokens,
    sum(s.output_tokens) AS output_tokens,
    sum(s.cost) AS cost,
    sum(s.list_cost) AS list_cost,
    sum(s.avoided_cost) AS avoided_cost
FROM {database}.spend_by_day AS s
GROUP BY day, team, feature;

-- Row: a day of one team, feature and model, with the distribution of the cost of a request. A request is what shares a
-- request_id in that group, or a call without one; a call that stands for n requests counts as n, each of an n-th of its
-- cost. Percentiles are costs that occurred, not interpolated. Requests with an unpriced part have no known cost and are
-- only counted. Unit: USD. Source: usage_costs, calls of models.
CREATE VIEW IF NOT EXISTS {database}.cost_per_request AS
SELECT
    day,
    team,
    feature,
    model,
    sum(weight) AS requests,
    sumIf(weight, unpriced) AS unpriced_requests,
    sumIf(request_cost, NOT unpriced) AS cost,
    quantileExactWeightedIf(0.5)(unit_cost, weight, NOT unpriced) AS p50,
    quantileExactWeightedIf(0.9)(unit_cost, weight, NOT unpriced) AS p90,
    quantileExactWeightedIf(0.99)(unit_cost, weight, NOT unpriced) AS p99
FROM
(
    SELECT
        day,
        team,
        feature,
        model,
        sum(toDecimal128(u.cost, 12)) AS request_cost,
        max(pricing_status = 'UNPRICED') AS unpriced,
        if(request_id = '', greatest(any(u.requests), 1), 1) AS weight,
        toDecimal128(divideDecimal(request_cost, toDecimal128(weight, 0), 12), 12) AS unit_cost
    FROM {database}.usage_costs AS u
    WHERE type = 'io.outlay.llm.usage'
    GROUP BY day, team, feature, model, request_id, if(request_id = '', event_key, toUUID('00000000-0000-0000-0000-000000000000'))
)
GROUP BY day, team, feature, model;

-- Row: a query: everything of one team that shares a request_id. Unit: USD. Source: usage_costs.
CREATE VIEW IF NOT EXISTS {database}.cost_per_query AS
SELECT
    team,
    request_id,
    argMin(u.feature, tuple(event_time, event_key)) AS feature,
    min(event_time) AS started_at,
    min(u.day) AS day,
    count() AS events,
    countIf(pricing_status = 'UNPRICED') AS unpriced_events,
    sumIf(u.cost, operation IN ('embed', 'embedding', 'embeddings')) AS embed_cost,
    sumIf(u.cost, operation IN ('retrieve', 'retrieval', 'search')) AS retrieve_cost,
    sumIf(u.cost, operation = 'rerank') AS rerank_cost,
    sumIf(u.cost, operation IN ('chat', 'completion', 'generate', 'generate_content', 'text_completion')) AS generate_cost,
    sum(u.cost) - embed_cost - retrieve_cost - rerank_cost - generate_cost AS other_cost,
    sum(u.cost) AS total_cost,
    sum(u.avoided_cost) AS avoided_cost,
    avg(u.score) AS mean_score
FROM {database}.usage_costs AS u
WHERE request_id != ''
GROUP BY team, request_id;

-- Row: a day of one team and cache layer. Unit: USD avoided; hit_rate 0 to 1. Hits whose avoided call has no price are
-- counted beside the sum. Source: usage_costs, cache lookups.
CREATE VIEW IF NOT EXISTS {database}.cache_savings AS
SELECT
    day,
    team,
    cache_layer AS layer,
    count() AS lookups,
    countIf(cache_hit) AS hits,
    hits / lookups AS hit_rate,
    sum(avoided_input_tokens) AS avoided_input_tokens,
    sum(avoided_output_tokens) AS avoided_output_tokens,
    ifNull(sum(u.avoided_cost), 0) AS avoided_cost,
    countIf(cache_hit AND u.avoided_cost IS NULL) AS hits_without_price
FROM {database}.usage_costs AS u
WHERE type = 'io.outlay.cache.lookup'
GROUP BY day, team, layer;

-- Row: a day of one team and feature on one route, from the model that would have served to the one that did. Unit: USD;
-- saved is negative where the route cost more. Source: usage_costs, calls with a baseline_model.
CREATE VIEW IF NOT EXISTS {database}.routing_savings AS
SELECT
    day,
    team,
    feature,
    baseline_model,
    model,
    sum(u.requests) AS requests,
    sumIf(u.cost, u.avoided_cost IS NOT NULL) AS cost,
    cost + saved AS baseline_cost,
    ifNull(sum(u.avoided_cost), 0) AS saved,
    countIf(u.avoided_cost IS NULL) AS events_without_price
FROM {database}.usage_costs AS u
WHERE type = 'io.outlay.llm.usage' AND baseline_model != ''
GROUP BY day, team, feature, baseline_model, model;

-- Row: a day of one team, GPU model, cloud and purchase option. idle_cost is the cost of the time that was paid and not
-- used, exact; utilization is weighted by cost, 0 to 1, null where nothing is known. What came without a utilisation is in
-- cost, and apart in cost_of_unknown_utilization. Unit: USD, seconds of one accelerator. Source: usage_costs, GPU usage.
CREATE VIEW IF NOT EXISTS {database}.gpu_utilization AS
SELECT
    day,
    team,
    gpu_model,
    provider AS cloud,
    purchase_option,
    sum(u.gpu_seconds) AS gpu_seconds,
    countIf(pricing_status = 'UNPRICED') AS unpriced_events,
    sum(u.cost) AS cost,
    sumIf(toDecimal128(u.cost, 12) * toDecimal128(1 - assumeNotNull(u.utilization), 6), u.utilization IS NOT NULL) AS idle_cost,
    sumIf(u.cost, u.utilization IS NULL) AS cost_of_unknown_utilization,
    if(cost = cost_of_unknown_utilization, NULL, toDecimal32(1 - divideDecimal(idle_cost, cost - cost_of_unknown_utilization, 12), 6)) AS utilization
FROM {database}.usage_costs AS u
WHERE type = 'io.outlay.gpu.usage'
GROUP BY day, team, gpu_model, cloud, purchase_option;

-- Row: a day of one team, store and storage tier. gb_months: gigabytes (10^9 bytes) held for 30 days, cut at 12 decimals.
-- Bytes that moved count in the tier they moved into. Unit: USD. Source: usage_costs, storage usage and moves.
CREATE VIEW IF NOT EXISTS {database}.storage_by_tier AS
SELECT
    day,
    team,
    store,
    if(type = 'io.outlay.storage.move', to_tier, u.tier) AS tier,
    divideDecimal(sumIf(toDecimal256(u.bytes, 0) * toDecimal256(u.seconds, 6), type = 'io.outlay.storage.usage'), toDecimal256('2592000000000000', 0), 12) AS gb_months,
    sumIf(u.cost, type = 'io.outlay.storage.usage') AS storage_cost,
    sumIf(u.bytes, type = 'io.outlay.storage.move') AS moved_bytes,
    sumIf(u.cost, type = 'io.outlay.storage.move') AS moves_cost,
    countIf(pricing_status = 'UNPRICED') AS unpriced_events
FROM {database}.usage_costs AS u
WHERE type IN ('io.outlay.storage.usage', 'io.outlay.storage.move')
GROUP BY day, team, store, tier;

-- Row: something that has no price, and how much waits for one. Unit: as the columns say. Source: usage_costs, UNPRICED.
CREATE VIEW IF NOT EXISTS {database}.unpriced_usage AS
SELECT
    type,
    provider,
    multiIf(u.model != '', u.model, gpu_model != '', gpu_model, instance_type != '', instance_type, from_tier != '', concat(from_tier, '>', to_tier), tier != '', tier, network_path) AS model,
    reason,
    count() AS events,
    uniqExact(team) AS teams,
    sum(u.requests) AS requests,
    sum(u.input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + input_audio_tokens + input_image_tokens) AS input_tokens,
    sum(u.output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens) AS output_tokens,
    sum(u.gpu_seconds) AS gpu_seconds,
    sum(u.bytes) AS bytes,
    min(event_time) AS first_event_time,
    max(event_time) AS last_event_time
FROM {database}.usage_costs AS u
WHERE pricing_status = 'UNPRICED'
GROUP BY type, provider, model, reason;
