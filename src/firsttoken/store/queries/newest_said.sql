-- The newest calls with their attributes: in whose words they were told, and whether what was said came along.
SELECT * EXCLUDE (resource, events, cut_out)
FROM calls
ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $most;
