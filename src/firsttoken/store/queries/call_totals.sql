-- Counts, sums and exact percentiles over calls: one row for all of them, and one per provider and model.
-- Fetching an answer is a call, but neither how long it took nor that it has no tokens says anything of a model; what
-- the results of a batch say was used and what it cost, counts. A request that was refused costs nothing.
SELECT
    GROUPING(provider) = 1                                     AS overall,
    provider,
    coalesce(model, response_model, '')                        AS model,
    count(*)                                                   AS calls,
    count(to_first_token_ns)                                   AS first_token_count,
    quantile_cont(to_first_token_ns, [0.50, 0.95])             AS first_token_p50_p95_ns,
    count(to_end_ns)                                           AS duration_count,
    quantile_cont(to_end_ns, [0.50, 0.95])                     AS duration_p50_p95_ns,
    coalesce(sum(input_tokens), 0)                             AS input_tokens,
    coalesce(sum(output_tokens), 0)                            AS output_tokens,
    coalesce(sum(cache_read_tokens), 0)                        AS cache_read_tokens,
    coalesce(sum(cache_write_tokens), 0)                       AS cache_write_tokens,
    coalesce(sum(reasoning_tokens), 0)                         AS reasoning_tokens,
    count(*) FILTER (usage_missing)                            AS calls_without_usage,
    count(*) FILTER (price_missing)                            AS unpriced_calls
FROM calls
GROUP BY GROUPING SETS ((), (provider, coalesce(model, response_model, '')))
ORDER BY overall DESC, calls DESC, provider, model;
