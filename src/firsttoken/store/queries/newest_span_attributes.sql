-- What the newest spans that are no calls say.
SELECT service, scope, attributes
FROM spans
ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $most;
