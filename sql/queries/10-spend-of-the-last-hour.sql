-- What is being spent right now, minute by minute?
SELECT
    window_start AS minute,
    team,
    feature,
    sum(cost) AS usd,
    sum(c.requests) AS requests
FROM cost_rollups AS c
WHERE window = 'minute' AND window_start >= now() - INTERVAL 1 HOUR
GROUP BY minute, team, feature
ORDER BY minute, usd DESC;
