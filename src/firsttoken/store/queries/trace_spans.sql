-- The spans of one trace that are no calls, with what tells the kind of each, the earliest first.
SELECT
    span_id,
    parent_span_id,
    name,
    kind,
    service,
    scope,
    started_unix_ns,
    ended_unix_ns,
    status,
    json_extract_string(attributes, $operation_at)     AS operation_name,
    json_extract_string(attributes, $step_at)          AS step_name,
    json_extract_string(attributes, $openinference_at) AS openinference_kind,
    json_extract_string(attributes, $openllmetry_at)   AS openllmetry_kind,
    coalesce(json_extract_string(attributes, $method_at),
        json_extract_string(attributes, $older_method_at)) AS http_method
FROM spans
WHERE trace_id = $trace_id
ORDER BY started_unix_ns, span_id
LIMIT $most;
