-- What has been used that no price is known for? Its cost is unknown, not zero.
SELECT
    type,
    provider,
    model,
    reason,
    events,
    teams,
    input_tokens,
    output_tokens,
    last_event_time
FROM unpriced_usage
ORDER BY events DESC;
