-- What the ten costliest groups of each currency spent per hour, at the rate of the moment.
WITH told AS (
    SELECT
        {group} AS grouped,
        cost_currency AS currency,
        intDiv(started_unix_ns, 1000000 * $__interval_ms) * $__interval_ms AS began_ms,
        cost_total
    FROM firsttoken_calls
    WHERE cost_currency IS NOT NULL AND {chosen}
),
costliest AS (
    SELECT grouped, currency
    FROM told
    GROUP BY grouped, currency
    ORDER BY sum(cost_total) DESC
    LIMIT 10 BY currency
)
SELECT
    toDateTime(intDiv(began_ms, 1000))                               AS time,
    concat(coalesce(grouped, '–'), ' ', currency)                    AS name,
    toFloat64(sum(cost_total)) * 3600000 / $__interval_ms            AS cost
FROM told
WHERE (coalesce(grouped, '–'), currency) IN (SELECT coalesce(grouped, '–'), currency FROM costliest)
GROUP BY time, name
ORDER BY time
