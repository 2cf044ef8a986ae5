-- How many calls started in each step of time after an origin.
SELECT (started_unix_ns - $origin_unix_ns) // $step_ns AS step, count(*) AS calls
FROM calls
GROUP BY (started_unix_ns - $origin_unix_ns) // $step_ns
ORDER BY step;
