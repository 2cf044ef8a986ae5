-- How many calls of each group failed, and how many were sent again. A caller's own cancellation is no error.
SELECT
    group_values,
    count(*)                                                             AS calls,
    count(*) FILTER (outcome IN ('failed', 'timed_out'))                 AS errors,
    count(*) FILTER (resend_count > 0)                                   AS retried_calls,
    count(*) FILTER (resend_count > 0 AND outcome = 'completed')         AS recovered_calls,
    coalesce(sum(resend_count), 0)                                       AS resends
FROM calls
GROUP BY group_values
ORDER BY errors DESC, calls DESC, group_values;
