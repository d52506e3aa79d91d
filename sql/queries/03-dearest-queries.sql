-- Which single queries of the last day cost most, and in which step?
SELECT
    request_id,
    team,
    feature,
    started_at,
    embed_cost,
    retrieve_cost,
    rerank_cost,
    generate_cost,
    other_cost,
    total_cost
FROM cost_per_query
WHERE day >= today() - 1
ORDER BY total_cost DESC
LIMIT 20;
