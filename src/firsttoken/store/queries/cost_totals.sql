-- What calls used and cost: a row for each group and currency, and one for those calls of the group that have no price.
-- A sum is NULL where no call says anything of it. A request that was refused is not billed.
SELECT
    group_values,
    cost_currency                                                       AS currency,
    count(*)                                                            AS calls,
    count(*) FILTER (WHERE price_missing)                               AS unpriced_calls,
    count(*) FILTER (WHERE usage_missing)                               AS calls_without_usage,
    sum(input_tokens)                                                   AS input_tokens,
    sum(input_tokens - read_tokens - written_tokens)                    AS uncached_tokens,
    sum(cache_read_tokens)                                              AS cache_read_tokens,
    sum(cache_write_tokens)                                             AS cache_write_tokens,
    sum(cache_write_5m_tokens)                                          AS cache_write_5m_tokens,
    sum(cache_write_1h_tokens)                                          AS cache_write_1h_tokens,
    sum(output_tokens)                                                  AS output_tokens,
    sum(reasoning_tokens)                                               AS reasoning_tokens,
    sum(web_search_requests)                                            AS web_searches,
    sum(CASE WHEN cache_read_tokens IS NOT NULL THEN input_tokens END)  AS cacheable_tokens,
    sum(cost_input)                                                     AS cost_input,
    sum(cost_cache_read)                                                AS cost_cache_read,
    sum(cost_cache_write)                                               AS cost_cache_write,
    sum(cost_output)                                                    AS cost_output,
    sum(cost_tools)                                                     AS cost_tools,
    sum(cost_unsplit)                                                   AS cost_unsplit,
    sum(cost_total)                                                     AS cost_total
FROM (
    SELECT
        *,
        coalesce(cache_read_tokens, 0)                                                        AS read_tokens,
        coalesce(cache_write_tokens,
            coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0))          AS written_tokens
    FROM calls
) AS told
GROUP BY group_values, cost_currency;
