-- When the latest span began that is stored, as a call or as any other.
SELECT max(started_unix_ns)
FROM (SELECT started_unix_ns FROM calls UNION ALL SELECT started_unix_ns FROM spans);
