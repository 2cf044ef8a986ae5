-- Which of the spans in `incoming_keys` were delivered before, or stand before in it: by their place. A span that comes
-- again began at the same time, so that only what began then has to be read.
WITH stored AS (
    SELECT trace_id, span_id FROM calls WHERE started_unix_ns BETWEEN $first_unix_ns AND $last_unix_ns
    UNION ALL
    SELECT trace_id, span_id FROM spans WHERE started_unix_ns BETWEEN $first_unix_ns AND $last_unix_ns
)
SELECT place FROM incoming_keys SEMI JOIN stored USING (span_id, trace_id)
UNION
SELECT place
FROM (SELECT place, row_number() OVER (PARTITION BY trace_id, span_id ORDER BY place) AS number FROM incoming_keys)
WHERE number > 1;
