-- What was spent on calls that did not end well, by how they ended; and on those that the application made again, as
-- another call of the same retry group came after them.
WITH told AS (
    SELECT
        outcome,
        retry_group,
        started_unix_ns,
        trace_id,
        span_id,
        cost_currency,
        cost_total,
        price_missing
    FROM calls
    WHERE outcome <> 'completed' OR retry_group IS NOT NULL
),
numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY retry_group ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
        ) AS from_the_end
    FROM told
    WHERE retry_group IS NOT NULL
)
SELECT
    outcome                               AS kind,
    cost_currency                         AS currency,
    count(*)                              AS calls,
    count(*) FILTER (WHERE price_missing) AS unpriced_calls,
    sum(cost_total)                       AS cost_total
FROM told
WHERE outcome <> 'completed'
GROUP BY outcome, cost_currency
UNION ALL
SELECT
    'retried'                             AS kind,
    cost_currency                         AS currency,
    count(*)                              AS calls,
    count(*) FILTER (WHERE price_missing) AS unpriced_calls,
    sum(cost_total)                       AS cost_total
FROM numbered
WHERE from_the_end > 1
GROUP BY cost_currency;
