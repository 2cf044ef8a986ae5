-- How many calls started in each step of time after an origin and have a figure below a bound, but not below the one
-- before: NULL stands for no bound.
SELECT step, below_ns, count(*) AS calls
FROM (
    SELECT
        (started_unix_ns - $origin_unix_ns) // $step_ns AS step,
        CASE
            WHEN figure < 1000000 THEN 1000000
            WHEN figure < 1500000 THEN 1500000
            WHEN figure < 2000000 THEN 2000000
            WHEN figure < 3000000 THEN 3000000
            WHEN figure < 5000000 THEN 5000000
            WHEN figure < 7000000 THEN 7000000
            WHEN figure < 10000000 THEN 10000000
            WHEN figure < 15000000 THEN 15000000
            WHEN figure < 20000000 THEN 20000000
            WHEN figure < 30000000 THEN 30000000
            WHEN figure < 50000000 THEN 50000000
            WHEN figure < 70000000 THEN 70000000
            WHEN figure < 100000000 THEN 100000000
            WHEN figure < 150000000 THEN 150000000
            WHEN figure < 200000000 THEN 200000000
            WHEN figure < 300000000 THEN 300000000
            WHEN figure < 500000000 THEN 500000000
            WHEN figure < 700000000 THEN 700000000
            WHEN figure < 1000000000 THEN 1000000000
            WHEN figure < 1500000000 THEN 1500000000
            WHEN figure < 2000000000 THEN 2000000000
            WHEN figure < 3000000000 THEN 3000000000
            WHEN figure < 5000000000 THEN 5000000000
            WHEN figure < 7000000000 THEN 7000000000
            WHEN figure < 10000000000 THEN 10000000000
            WHEN figure < 15000000000 THEN 15000000000
            WHEN figure < 20000000000 THEN 20000000000
            WHEN figure < 30000000000 THEN 30000000000
            WHEN figure < 50000000000 THEN 50000000000
            WHEN figure < 70000000000 THEN 70000000000
            WHEN figure < 100000000000 THEN 100000000000
            WHEN figure < 150000000000 THEN 150000000000
            WHEN figure < 200000000000 THEN 200000000000
            WHEN figure < 300000000000 THEN 300000000000
            WHEN figure < 500000000000 THEN 500000000000
            WHEN figure < 700000000000 THEN 700000000000
        END AS below_ns
    FROM calls
    WHERE figure IS NOT NULL
)
GROUP BY step, below_ns
ORDER BY step, below_ns;
