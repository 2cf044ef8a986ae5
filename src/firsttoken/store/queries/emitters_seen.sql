-- Which instrumentations recorded the calls of each service, alone or together, and since when until when.
SELECT
    service,
    seen_by,
    count(*)             AS calls,
    min(started_unix_ns) AS first_unix_ns,
    max(started_unix_ns) AS last_unix_ns
FROM calls
GROUP BY service, seen_by
ORDER BY calls DESC, service, seen_by
LIMIT $most;
