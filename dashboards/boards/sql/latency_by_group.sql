-- How long each group waits, exactly: no bucket of a histogram is between.
SELECT
    coalesce({group}, '–')                                     AS "group",
    count()                                                    AS calls,
    countIf(stream)                                            AS streams,
    quantileExact(0.5)(first_token_ns) / 1e9                   AS "first token p50",
    quantileExact(0.95)(first_token_ns) / 1e9                  AS "first token p95",
    quantileExact(0.95)(last_chunk_ns - first_token_ns) / 1e9  AS "generation p95",
    quantileExact(0.95)(duration_ns) / 1e9                     AS "duration p95",
    sum(stall_count)                                           AS stalls,
    countIf(outcome IN ('failed', 'timed_out')) / count()      AS failed
FROM firsttoken_calls
WHERE {chosen}
GROUP BY "group"
ORDER BY "first token p95" DESC NULLS LAST, calls DESC
LIMIT 500
