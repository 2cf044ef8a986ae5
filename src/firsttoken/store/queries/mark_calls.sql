-- Calls that more instrumentations saw than was known.
UPDATE calls
SET seen_by = marked_records.seen_by
FROM marked_records
WHERE calls.started_unix_ns = marked_records.started_unix_ns
  AND calls.span_id = marked_records.span_id
  AND calls.trace_id = marked_records.trace_id;
