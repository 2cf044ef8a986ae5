-- The calls of which a figure is largest, the largest first, and of the same the newest: those alone that were paid in one
-- currency where that is named, and those alone that failed where that is asked.
-- The first step reads few columns to find which calls these are, so that the second has few rows to read in full: none
-- where there are none, as nothing starts at the end of time.
WITH largest AS (
    SELECT figure, started_unix_ns
    FROM calls
    WHERE figure IS NOT NULL
      AND ($currency IS NULL OR cost_currency = $currency)
      AND (NOT $failed OR outcome IN ('failed', 'timed_out'))
    ORDER BY figure DESC, started_unix_ns DESC
    LIMIT $limit
)
SELECT * EXCLUDE (attributes, resource, events, cut_out)
FROM calls
WHERE figure IS NOT NULL
  AND started_unix_ns >= (SELECT coalesce(min(started_unix_ns), 9223372036854775807) FROM largest)
  AND started_unix_ns IN (SELECT started_unix_ns FROM largest)
  AND ($currency IS NULL OR cost_currency = $currency)
  AND (NOT $failed OR outcome IN ('failed', 'timed_out'))
ORDER BY figure DESC, started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $limit;
