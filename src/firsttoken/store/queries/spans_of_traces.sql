-- The spans of some traces that are no calls: a row for each trace and kind that they say they are.
SELECT
    trace_id,
    json_extract_string(attributes, $operation_at)     AS operation_name,
    json_extract_string(attributes, $openinference_at) AS openinference_kind,
    json_extract_string(attributes, $openllmetry_at)   AS openllmetry_kind,
    count(*)                                           AS spans,
    count(*) FILTER (WHERE status = 'error')           AS errors,
    min(started_unix_ns)                               AS started_unix_ns,
    max(ended_unix_ns)                                 AS ended_unix_ns,
    min(CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_unix_ns,
    arg_min(name, started_unix_ns)                     AS first_name,
    arg_min(service, started_unix_ns)                  AS first_service,
    arg_min(name, CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_name,
    arg_min(service, CASE WHEN parent_span_id IS NULL THEN started_unix_ns END) AS root_service
FROM spans
WHERE trace_id IN (SELECT unnest($trace_ids))
GROUP BY trace_id, operation_name, openinference_kind, openllmetry_kind;
