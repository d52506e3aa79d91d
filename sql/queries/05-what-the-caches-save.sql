-- How often does each cache layer answer, and what does it save?
SELECT
    layer,
    sum(c.lookups) AS lookups,
    sum(c.hits) AS hits,
    round(100 * hits / lookups, 1) AS hit_percent,
    sum(avoided_cost) AS usd_avoided
FROM cache_savings AS c
WHERE day >= toStartOfMonth(today())
GROUP BY layer
ORDER BY usd_avoided DESC;
