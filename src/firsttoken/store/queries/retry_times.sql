-- What attempts that were repeated took in each group, and the waits after them: of calls that tell of their attempts.
SELECT
    group_values,
    count(*)                            AS timed_calls,
    sum(lost_ns)                        AS lost_ns,
    sum(wait_ns)                        AS wait_ns
FROM (
    SELECT
        group_values,
        least(max(attempt.failed_ns + attempt.wait_ns), max(duration_ns)) AS lost_ns,
        sum(attempt.wait_ns)            AS wait_ns
    FROM (
        SELECT group_values, trace_id, span_id, duration_ns, unnest(attempts) AS attempt
        FROM calls
        WHERE resend_count > 0
    )
    GROUP BY group_values, trace_id, span_id
)
GROUP BY group_values;
