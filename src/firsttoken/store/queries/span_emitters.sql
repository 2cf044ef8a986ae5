-- Who sent the spans that are no calls, and since when until when.
SELECT
    service,
    scope,
    count(*)             AS spans,
    min(started_unix_ns) AS first_unix_ns,
    max(started_unix_ns) AS last_unix_ns
FROM spans
GROUP BY service, scope
ORDER BY spans DESC, service, scope
LIMIT $most;
