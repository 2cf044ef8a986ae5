-- The calls that cost most, each with the trace that it is in.
SELECT
    fromUnixTimestamp64Nano(started_unix_ns) AS time,
    trace_id                                 AS trace,
    service,
    model,
    coalesce({group}, '–')                   AS "group",
    outcome,
    input_tokens                             AS "input tokens",
    output_tokens                            AS "output tokens",
    cost_currency                            AS currency,
    toFloat64(cost_total)                    AS cost
FROM firsttoken_calls
WHERE cost_total IS NOT NULL AND {chosen}
ORDER BY cost_total DESC
LIMIT 100
