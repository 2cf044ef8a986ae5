-- The calls of one trace, with as much of each as a tree shows, the earliest first.
SELECT
    span_id,
    parent_span_id,
    name,
    service,
    scope,
    seen_by,
    started_unix_ns,
    duration_ns,
    first_token_ns,
    first_chunk_ns,
    operation,
    provider,
    coalesce(model, response_model)                                     AS model_name,
    stream,
    outcome,
    input_tokens,
    output_tokens,
    usage_missing                                                       AS without_usage,
    price_missing                                                       AS unpriced,
    cost_total,
    cost_currency
FROM calls
WHERE trace_id = $trace_id
ORDER BY started_unix_ns, span_id
LIMIT $most;
