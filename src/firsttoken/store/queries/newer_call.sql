-- The oldest of the calls that are newer than one: the order is that of recent_calls, turned around.
SELECT trace_id, span_id
FROM calls
WHERE started_unix_ns >= $started_unix_ns
  AND (started_unix_ns > $started_unix_ns OR trace_id || span_id > $ids)
ORDER BY started_unix_ns, trace_id, span_id
LIMIT 1;
