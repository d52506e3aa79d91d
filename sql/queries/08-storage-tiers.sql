-- What does each storage tier hold and cost, and what do the moves between tiers cost?
SELECT
    store,
    tier,
    sum(s.gb_months) AS gb_months,
    sum(storage_cost) AS usd,
    formatReadableSize(sum(moved_bytes)) AS moved_in,
    sum(moves_cost) AS usd_moves
FROM storage_by_tier AS s
WHERE day >= toStartOfMonth(today())
GROUP BY store, tier
ORDER BY usd DESC;
