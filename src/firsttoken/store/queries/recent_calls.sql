-- Calls newest first, from one position on; with a run, only its calls.
SELECT * EXCLUDE (attributes, resource, events)
FROM calls
WHERE ($run_id IS NULL OR run_id = $run_id)
  AND ($before_started_unix_ns IS NULL
       OR started_unix_ns < $before_started_unix_ns
       OR (started_unix_ns = $before_started_unix_ns AND trace_id || span_id < $before_ids))
ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $limit;
