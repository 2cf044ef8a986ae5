-- When that share of all rows, the oldest, had begun.
SELECT quantile_disc(unix_ns, $share) AS unix_ns
FROM (
    SELECT started_unix_ns AS unix_ns FROM calls
    UNION ALL
    SELECT started_unix_ns FROM spans
    UNION ALL
    SELECT time_unix_ns FROM logs
);
