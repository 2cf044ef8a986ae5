-- How the calls of each group went in each step of time after an origin: of the groups that have the most calls, which are
-- found first, as percentiles take long where there are many.
-- Percentiles are exact and in nanoseconds, of the calls that a model had to answer: up to the first token of streams
-- alone. A speed is what Call.output_tokens_per_second says. A sum is NULL where no call says anything of it.
WITH largest AS (
    SELECT
        group_values,
        count(*)              AS group_calls,
        sum(count(*)) OVER () AS all_calls,
        count(*) OVER ()      AS all_groups
    FROM calls
    GROUP BY group_values
    ORDER BY group_calls DESC, group_values
    LIMIT $groups
)
SELECT
    group_values,
    (started_unix_ns - $origin_unix_ns) // $step_ns                 AS step,
    any_value(group_calls)                                          AS group_calls,
    any_value(all_calls)                                            AS all_calls,
    any_value(all_groups)                                           AS all_groups,
    count(*)                                                        AS calls,
    count(*) FILTER (WHERE outcome IN ('failed', 'timed_out'))      AS errors,
    count(to_first_token_ns)                                        AS first_token_count,
    quantile_cont(to_first_token_ns, [0.50, 0.90, 0.95, 0.99])      AS first_token_quantiles,
    count(to_end_ns)                                                AS total_count,
    quantile_cont(to_end_ns, [0.50, 0.90, 0.95, 0.99])              AS total_quantiles,
    count(tokens_per_s)                                             AS speed_count,
    quantile_cont(tokens_per_s, 0.50)                               AS speed_median,
    sum(input_tokens)                                               AS input_tokens,
    sum(output_tokens)                                              AS output_tokens,
    sum(cache_read_tokens)                                          AS cache_read_tokens,
    sum(cache_write_tokens)                                         AS cache_write_tokens,
    count(*) FILTER (WHERE price_missing)                           AS unpriced_calls,
    sum(stalls)                                                     AS stalls,
    sum(CASE WHEN stalls > 0 THEN 1 WHEN stalls = 0 THEN 0 END)     AS stalled_streams
FROM calls
JOIN largest USING (group_values)
GROUP BY group_values, (started_unix_ns - $origin_unix_ns) // $step_ns
ORDER BY group_calls DESC, group_values, step;
