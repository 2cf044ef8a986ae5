-- Exact percentiles of when things happened, for each group: in nanoseconds, of the calls that a model had to answer.
-- What only a stream has is of streams alone. A mean gap is that of one stream; a speed is what
-- Call.output_tokens_per_second says, and its percentiles are those of the slow end.
SELECT
    group_values,
    count(*)                                                         AS calls,
    count(*) FILTER (is_streamed)                                    AS streams,
    count(to_headers_ns)                                             AS headers_count,
    quantile_cont(to_headers_ns, [0.50, 0.90, 0.95, 0.99])           AS headers_quantiles,
    count(to_first_event_ns)                                         AS first_event_count,
    quantile_cont(to_first_event_ns, [0.50, 0.90, 0.95, 0.99])       AS first_event_quantiles,
    count(to_first_token_ns)                                         AS first_token_count,
    quantile_cont(to_first_token_ns, [0.50, 0.90, 0.95, 0.99])       AS first_token_quantiles,
    count(to_end_ns)                                                 AS total_count,
    quantile_cont(to_end_ns, [0.50, 0.90, 0.95, 0.99])               AS total_quantiles,
    count(mean_gap_ns)                                               AS mean_gap_count,
    quantile_cont(mean_gap_ns, [0.50, 0.90, 0.95, 0.99])             AS mean_gap_quantiles,
    count(widest_gap_ns)                                             AS largest_gap_count,
    quantile_cont(widest_gap_ns, [0.50, 0.90, 0.95, 0.99])           AS largest_gap_quantiles,
    count(provider_ns)                                               AS provider_wait_count,
    quantile_cont(provider_ns, [0.50, 0.90, 0.95, 0.99])             AS provider_wait_quantiles,
    count(consumer_ns)                                               AS consumer_wait_count,
    quantile_cont(consumer_ns, [0.50, 0.90, 0.95, 0.99])             AS consumer_wait_quantiles,
    count(tokens_per_s)                                              AS speed_count,
    quantile_cont(tokens_per_s, [0.50, 0.10, 0.05, 0.01])            AS speed_quantiles,
    sum(CASE WHEN consumer_ns IS NOT NULL THEN provider_ns END)      AS provider_sum_ns,
    sum(CASE WHEN provider_ns IS NOT NULL THEN consumer_ns END)      AS consumer_sum_ns,
    count(stalls)                                                    AS watched_streams,
    count(*) FILTER (stalls > 0)                                     AS stalled_streams,
    coalesce(sum(stalls), 0)                                         AS stall_count,
    sum(CASE WHEN stalls > 0 THEN stood_still_ns END)                AS stalled_sum_ns
FROM calls
GROUP BY group_values
ORDER BY calls DESC, group_values;
