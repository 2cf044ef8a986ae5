-- Some calls after the first so many, the newest first.
SELECT * EXCLUDE (attributes, resource, events, cut_out)
FROM calls
ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $limit OFFSET $offset;
