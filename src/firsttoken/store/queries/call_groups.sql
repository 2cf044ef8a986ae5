-- The groups with the most calls: counts, sums, exact percentiles of the first token of streams, and what was paid in
-- one currency. A sum is NULL where no call says anything of it.
SELECT
    group_values,
    count(*)                                                            AS calls,
    count(*) FILTER (outcome IN ('failed', 'timed_out'))                AS errors,
    count(to_first_token_ns)                                            AS first_token_count,
    quantile_cont(to_first_token_ns, [0.50, 0.95])                      AS first_token_p50_p95_ns,
    sum(input_tokens)                                                   AS input_tokens,
    sum(output_tokens)                                                  AS output_tokens,
    sum(CASE WHEN cost_currency = $currency THEN cost_total END)        AS cost,
    count(*) FILTER (price_missing)                                     AS unpriced_calls,
    max(started_unix_ns)                                                AS latest_unix_ns
FROM calls
GROUP BY group_values
ORDER BY calls DESC, group_values
LIMIT $limit;
