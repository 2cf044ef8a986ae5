-- What the calls of some traces came to: a row for each trace and currency.
SELECT
    trace_id,
    cost_currency                                           AS currency,
    count(*)                                                AS spans,
    count(*) FILTER (WHERE outcome IN ('failed', 'timed_out')) AS errors,
    sum(input_tokens)                                       AS input_tokens,
    sum(output_tokens)                                      AS output_tokens,
    sum(cost_total)                                         AS cost,
    count(*) FILTER (WHERE price_missing)                   AS unpriced_calls,
    min(started_unix_ns)                                    AS started_unix_ns,
    max(started_unix_ns + duration_ns)                      AS ended_unix_ns,
    min(CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_unix_ns,
    arg_min(name, started_unix_ns)                          AS first_name,
    arg_min(service, started_unix_ns)                       AS first_service,
    arg_min(name, CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_name,
    arg_min(service, CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_service
FROM calls
WHERE trace_id IN (SELECT unnest($trace_ids))
GROUP BY trace_id, cost_currency;
