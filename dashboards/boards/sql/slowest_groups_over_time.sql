-- The 95th percentile of the ten groups with the most streams.
WITH told AS (
    SELECT
        coalesce({group}, '–') AS grouped,
        intDiv(started_unix_ns, 1000000 * $__interval_ms) * $__interval_ms AS began_ms,
        first_token_ns
    FROM firsttoken_calls
    WHERE first_token_ns IS NOT NULL AND {chosen}
)
SELECT
    toDateTime(intDiv(began_ms, 1000))        AS time,
    grouped                                   AS name,
    quantileExact(0.95)(first_token_ns) / 1e9 AS p95
FROM told
WHERE grouped IN (SELECT grouped FROM told GROUP BY grouped ORDER BY count() DESC, grouped LIMIT 10)
GROUP BY time, name
ORDER BY time
