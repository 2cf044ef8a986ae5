-- They go on as spans.
DELETE FROM calls
USING moved_records
WHERE calls.started_unix_ns = moved_records.started_unix_ns
  AND calls.span_id = moved_records.span_id
  AND calls.trace_id = moved_records.trace_id;
