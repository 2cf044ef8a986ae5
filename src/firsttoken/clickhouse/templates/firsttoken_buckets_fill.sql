-- Counts every record that comes, those twice that come twice.
CREATE MATERIALIZED VIEW IF NOT EXISTS $name$on_cluster TO $firsttoken_buckets AS
SELECT
    $bucket AS bucket,
    scope,
    count() AS came,
    max(nowInBlock()) AS last,
    0 AS settled
FROM $firsttoken_call_rows AS came_rows
WHERE came_rows.settled = 0
GROUP BY bucket, scope
