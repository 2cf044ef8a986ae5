-- The last that each call has said of itself while it ran, since a moment, of those that are not known to have ended.
SELECT trace_id, span_id, scope, service, run_id, time_unix_ns, attributes, cut_out
FROM (
    SELECT
        trace_id, span_id, scope, service, run_id, time_unix_ns, attributes, cut_out,
        row_number() OVER (PARTITION BY trace_id, span_id ORDER BY time_unix_ns DESC) AS place
    FROM logs
    WHERE event_name IN ('firsttoken.call.started', 'firsttoken.call.progress') AND time_unix_ns >= $since_unix_ns
) AS signs
ANTI JOIN (
    SELECT trace_id, span_id FROM calls WHERE started_unix_ns >= $begun_unix_ns
) AS known USING (trace_id, span_id)
WHERE place = 1
ORDER BY time_unix_ns DESC, trace_id, span_id
LIMIT $limit;
