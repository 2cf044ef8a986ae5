-- The time of the latest log record that is stored.
SELECT max(time_unix_ns) FROM logs;
