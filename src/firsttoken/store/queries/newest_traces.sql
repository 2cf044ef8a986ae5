-- The traces of calls, those with the latest first, from one place on: each with the start of the latest of its calls. They
-- are looked for among as many calls as $window: where fewer than $limit are found, there may be more beyond.
WITH newest AS (
    SELECT started_unix_ns
    FROM calls
    WHERE $before_unix_ns IS NULL OR started_unix_ns <= $before_unix_ns
    ORDER BY started_unix_ns DESC
    LIMIT $window
),
reached AS (
    SELECT min(started_unix_ns) AS since_unix_ns
    FROM newest
)
SELECT trace_id, max(started_unix_ns) AS latest_unix_ns
FROM calls
WHERE started_unix_ns >= (SELECT since_unix_ns FROM reached)
  AND trace_id IN (
      SELECT trace_id
      FROM calls
      WHERE started_unix_ns >= (SELECT since_unix_ns FROM reached)
        AND ($before_unix_ns IS NULL OR started_unix_ns <= $before_unix_ns)
  )
GROUP BY trace_id
HAVING $before_unix_ns IS NULL
    OR max(started_unix_ns) < $before_unix_ns
    OR (max(started_unix_ns) = $before_unix_ns AND trace_id < $before_id)
ORDER BY latest_unix_ns DESC, trace_id DESC
LIMIT $limit;
