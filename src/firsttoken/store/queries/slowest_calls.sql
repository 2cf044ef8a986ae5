-- The calls that took longest up to one mark, the slowest first: of those that a model had to answer, and, for what only
-- a stream has, of streams alone.
SELECT
    trace_id, span_id, started_unix_ns, provider, coalesce(model, response_model) AS model, stream, outcome,
    headers_ns, first_token_ns, duration_ns, output_tokens
FROM (
    SELECT
        *,
        CASE
            WHEN $mark = 'headers' THEN to_headers_ns
            WHEN $mark = 'first_event' THEN to_first_event_ns
            WHEN $mark = 'first_token' THEN to_first_token_ns
            WHEN $mark = 'total' THEN to_end_ns
        END AS marked_ns
    FROM calls
)
WHERE marked_ns IS NOT NULL
ORDER BY marked_ns DESC, started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $count;
