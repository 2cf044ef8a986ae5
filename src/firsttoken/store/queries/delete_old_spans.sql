-- Those of traces that had ended by that time.
DELETE FROM spans
WHERE started_unix_ns < $before_unix_ns
  AND trace_id NOT IN (SELECT trace_id FROM young_traces);
