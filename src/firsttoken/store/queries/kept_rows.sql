-- How many rows of each kind are kept, and from when until when they are.
SELECT 'calls' AS name, count(*) AS kept, min(started_unix_ns) AS first_unix_ns, max(started_unix_ns) AS last_unix_ns
FROM calls
UNION ALL
SELECT 'spans' AS name, count(*) AS kept, min(started_unix_ns) AS first_unix_ns, max(started_unix_ns) AS last_unix_ns
FROM spans
UNION ALL
SELECT 'logs' AS name, count(*) AS kept, min(time_unix_ns) AS first_unix_ns, max(time_unix_ns) AS last_unix_ns
FROM logs;
