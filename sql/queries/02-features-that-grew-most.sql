-- Which features cost more in the last 7 days than in the 7 days before, and by how much?
SELECT
    team,
    feature,
    sumIf(cost, day > today() - 7) AS last_7_days,
    sumIf(cost, day <= today() - 7) AS former_7_days,
    last_7_days - former_7_days AS growth
FROM spend_by_feature
WHERE day > today() - 14
GROUP BY team, feature
ORDER BY growth DESC
LIMIT 20;
