-- Everything about one span that is no call.
SELECT
    trace_id, span_id, parent_span_id, name, kind, service, run_id, scope, started_unix_ns, ended_unix_ns, status,
    status_message, attributes, resource, events, cut_out
FROM spans
WHERE trace_id = $trace_id AND span_id = $span_id;
