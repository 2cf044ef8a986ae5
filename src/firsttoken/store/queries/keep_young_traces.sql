-- The traces that began before that time and have something later, which keeps all of them.
CREATE OR REPLACE TEMP TABLE young_traces AS
SELECT DISTINCT trace_id
FROM (
    SELECT trace_id FROM calls WHERE started_unix_ns + duration_ns >= $before_unix_ns
    UNION ALL
    SELECT trace_id FROM spans WHERE ended_unix_ns >= $before_unix_ns
    UNION ALL
    SELECT trace_id FROM logs WHERE time_unix_ns >= $before_unix_ns AND trace_id IS NOT NULL
)
WHERE trace_id IN (
    SELECT trace_id FROM calls WHERE started_unix_ns < $before_unix_ns
    UNION ALL
    SELECT trace_id FROM spans WHERE started_unix_ns < $before_unix_ns
    UNION ALL
    SELECT trace_id FROM logs WHERE time_unix_ns < $before_unix_ns
);
