-- Calls newest first, from one position on; with a run, only its calls.
-- The first step reads one or two columns to find how far back the answer reaches, so that the second has few rows
-- to read in full.
WITH newest AS (
    SELECT started_unix_ns
    FROM calls
    WHERE ($before_started_unix_ns IS NULL OR started_unix_ns < $before_started_unix_ns)
    ORDER BY started_unix_ns DESC
    LIMIT $limit
)
SELECT * EXCLUDE (attributes, resource, events, cut_out)
FROM calls
WHERE started_unix_ns >= (SELECT coalesce(min(started_unix_ns), $before_started_unix_ns, 0) FROM newest)
  AND ($before_started_unix_ns IS NULL OR started_unix_ns <= $before_started_unix_ns)
  AND ($before_started_unix_ns IS NULL
       OR started_unix_ns < $before_started_unix_ns
       OR trace_id || span_id < $before_ids)
ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $limit;
