-- When least was left of each rate limit, by provider and model: of the calls whose answer told of it.
SELECT
    group_values, provider, model, limited, calls, most, remaining, remaining / most AS share, reset_ns, started_unix_ns, ids
FROM (
    SELECT
        *,
        count(*) OVER (PARTITION BY group_values, provider, model, limited)          AS calls,
        row_number() OVER (
            PARTITION BY group_values, provider, model, limited
            ORDER BY remaining / most, started_unix_ns DESC, ids
        )                                                                            AS place
    FROM (
        SELECT group_values, provider, coalesce(model, response_model) AS model, 'requests' AS limited,
            rate_requests_limit AS most, rate_requests_remaining AS remaining, rate_requests_reset_ns AS reset_ns,
            started_unix_ns, trace_id || span_id AS ids
        FROM calls
        UNION ALL
        SELECT group_values, provider, coalesce(model, response_model) AS model, 'tokens' AS limited,
            rate_tokens_limit AS most, rate_tokens_remaining AS remaining, rate_tokens_reset_ns AS reset_ns,
            started_unix_ns, trace_id || span_id AS ids
        FROM calls
        UNION ALL
        SELECT group_values, provider, coalesce(model, response_model) AS model, 'input_tokens' AS limited,
            rate_input_tokens_limit AS most, rate_input_tokens_remaining AS remaining,
            rate_input_tokens_reset_ns AS reset_ns, started_unix_ns, trace_id || span_id AS ids
        FROM calls
        UNION ALL
        SELECT group_values, provider, coalesce(model, response_model) AS model, 'output_tokens' AS limited,
            rate_output_tokens_limit AS most, rate_output_tokens_remaining AS remaining,
            rate_output_tokens_reset_ns AS reset_ns, started_unix_ns, trace_id || span_id AS ids
        FROM calls
    )
    WHERE most > 0 AND remaining IS NOT NULL
)
WHERE place = 1
ORDER BY share, group_values, provider, model, limited;
