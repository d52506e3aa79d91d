-- What has each team spent this month, and what would it have been at list prices?
SELECT
    team,
    sum(cost) AS usd,
    sum(list_cost) AS usd_at_list_prices,
    sum(s.events) AS events,
    sum(unpriced_events) AS events_without_price
FROM spend_by_team AS s
WHERE day >= toStartOfMonth(today())
GROUP BY team
ORDER BY usd DESC;
