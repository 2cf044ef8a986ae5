-- The traces that an id names: their own, or that of one of their spans; whole, or how it begins. The latest first.
SELECT trace_id, min(started_unix_ns) AS started_unix_ns, count(*) AS spans, bool_or(whole) AS named_whole
FROM (
    SELECT trace_id, started_unix_ns, trace_id = $id OR span_id = $id AS whole
    FROM calls
    WHERE starts_with(trace_id, $id) OR starts_with(span_id, $id)
    UNION ALL
    SELECT trace_id, started_unix_ns, trace_id = $id OR span_id = $id AS whole
    FROM spans
    WHERE starts_with(trace_id, $id) OR starts_with(span_id, $id)
) AS found
GROUP BY trace_id
ORDER BY started_unix_ns DESC, trace_id
LIMIT $most;
