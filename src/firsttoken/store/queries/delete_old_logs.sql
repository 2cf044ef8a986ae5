-- Those of traces that had ended by that time, and those of no trace.
DELETE FROM logs
WHERE time_unix_ns < $before_unix_ns
  AND (trace_id IS NULL OR trace_id NOT IN (SELECT trace_id FROM young_traces));
