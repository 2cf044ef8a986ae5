-- What the latest calls say of the first name that they are grouped by, the most frequent first.
WITH latest AS (
    SELECT started_unix_ns
    FROM calls
    ORDER BY started_unix_ns DESC
    LIMIT 20000
)
SELECT group_values[1] AS value, count(*) AS calls
FROM calls
WHERE started_unix_ns >= (SELECT min(started_unix_ns) FROM latest) AND group_values[1] IS NOT NULL
GROUP BY value
ORDER BY calls DESC, value
LIMIT 50;
