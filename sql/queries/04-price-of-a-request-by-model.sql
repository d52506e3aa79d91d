-- What does a request cost with each model, for the usual and for the rare one?
SELECT
    day,
    team,
    feature,
    model,
    requests,
    p50,
    p90,
    p99,
    unpriced_requests
FROM cost_per_request
WHERE day >= today() - 7
ORDER BY day, team, feature, p50 DESC;
