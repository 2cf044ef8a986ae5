-- Of all streams that are chosen, exactly.
SELECT
    toDateTime(intDiv(intDiv(started_unix_ns, 1000000 * $__interval_ms) * $__interval_ms, 1000)) AS time,
    quantileExact(0.5)(first_token_ns) / 1e9  AS p50,
    quantileExact(0.95)(first_token_ns) / 1e9 AS p95,
    quantileExact(0.99)(first_token_ns) / 1e9 AS p99
FROM firsttoken_calls
WHERE first_token_ns IS NOT NULL AND {chosen}
GROUP BY time
ORDER BY time
