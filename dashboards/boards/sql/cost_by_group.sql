-- What each group spent, the costliest first. A refused request is billed by nobody, and so not unpriced.
SELECT
    coalesce(grouped, '–')                               AS "group",
    currency,
    count()                                              AS calls,
    sum(input_tokens)                                    AS "input tokens",
    sum(output_tokens)                                   AS "output tokens",
    sum(cache_read_tokens) / nullIf(sum(input_tokens), 0) AS "from cache",
    countIf(is_unpriced) / count()                       AS unpriced,
    toFloat64(sum(cost_total))                           AS cost
FROM (
    SELECT
        {group} AS grouped,
        coalesce(cost_currency, '–') AS currency,
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cost_total,
        {unpriced} AS is_unpriced
    FROM firsttoken_calls
    WHERE {chosen}
)
GROUP BY grouped, currency
ORDER BY cost DESC NULLS LAST, calls DESC
LIMIT 500
