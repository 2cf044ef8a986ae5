-- The streams that said something last, each with the trace that it is in.
SELECT
    fromUnixTimestamp64Nano(started_unix_ns) AS time,
    trace_id                                 AS trace,
    service,
    model,
    coalesce({group}, '–')                   AS "group",
    outcome,
    input_tokens                             AS "input tokens",
    duration_ns / 1e9                        AS duration,
    first_token_ns / 1e9                     AS "first token"
FROM firsttoken_calls
WHERE first_token_ns IS NOT NULL AND {chosen}
ORDER BY first_token_ns DESC
LIMIT 100
