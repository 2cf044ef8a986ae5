SELECT
    bucket,
    '' AS scope,
    0 AS came,
    toDateTime(0) AS last,
    records AS settled
FROM ($to_settle)
WHERE (SELECT count() = 0 FROM ($found_out))
