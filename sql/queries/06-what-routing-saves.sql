-- What does sending requests to another model than the baseline save, route by route?
SELECT
    baseline_model,
    model,
    sum(r.requests) AS requests,
    sum(baseline_cost) AS usd_without_routing,
    sum(cost) AS usd,
    sum(saved) AS usd_saved
FROM routing_savings AS r
WHERE day >= today() - 30
GROUP BY baseline_model, model
ORDER BY usd_saved DESC;
