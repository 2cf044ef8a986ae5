-- When the first call started, and when the last: NULL where there is none.
SELECT min(started_unix_ns) AS first_unix_ns, max(started_unix_ns) AS last_unix_ns FROM calls;
