-- Which GPUs are paid for and not used?
SELECT
    team,
    gpu_model,
    purchase_option,
    round(sum(gpu_seconds) / 3600, 2) AS gpu_hours,
    sum(cost) AS usd,
    sum(idle_cost) AS usd_idle,
    round(100 * sum(idle_cost) / nullIf(sum(cost) - sum(cost_of_unknown_utilization), 0), 1) AS idle_percent
FROM gpu_utilization
WHERE day >= today() - 7
GROUP BY team, gpu_model, purchase_option
ORDER BY usd_idle DESC;
