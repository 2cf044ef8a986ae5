-- How many calls of each group took up to how long, NULL standing for longer than all that: of the calls that a model
-- had to answer, and, for what only a stream has, of streams alone.
SELECT group_values, mark, upper_ns, count(*) AS calls
FROM (
    SELECT
        group_values,
        mark,
        CASE
            WHEN value_ns <= 1000000 THEN 1000000
            WHEN value_ns <= 1500000 THEN 1500000
            WHEN value_ns <= 2000000 THEN 2000000
            WHEN value_ns <= 3000000 THEN 3000000
            WHEN value_ns <= 5000000 THEN 5000000
            WHEN value_ns <= 7000000 THEN 7000000
            WHEN value_ns <= 10000000 THEN 10000000
            WHEN value_ns <= 15000000 THEN 15000000
            WHEN value_ns <= 20000000 THEN 20000000
            WHEN value_ns <= 30000000 THEN 30000000
            WHEN value_ns <= 50000000 THEN 50000000
            WHEN value_ns <= 70000000 THEN 70000000
            WHEN value_ns <= 100000000 THEN 100000000
            WHEN value_ns <= 150000000 THEN 150000000
            WHEN value_ns <= 200000000 THEN 200000000
            WHEN value_ns <= 300000000 THEN 300000000
            WHEN value_ns <= 500000000 THEN 500000000
            WHEN value_ns <= 700000000 THEN 700000000
            WHEN value_ns <= 1000000000 THEN 1000000000
            WHEN value_ns <= 1500000000 THEN 1500000000
            WHEN value_ns <= 2000000000 THEN 2000000000
            WHEN value_ns <= 3000000000 THEN 3000000000
            WHEN value_ns <= 5000000000 THEN 5000000000
            WHEN value_ns <= 7000000000 THEN 7000000000
            WHEN value_ns <= 10000000000 THEN 10000000000
            WHEN value_ns <= 15000000000 THEN 15000000000
            WHEN value_ns <= 20000000000 THEN 20000000000
            WHEN value_ns <= 30000000000 THEN 30000000000
            WHEN value_ns <= 50000000000 THEN 50000000000
            WHEN value_ns <= 70000000000 THEN 70000000000
            WHEN value_ns <= 100000000000 THEN 100000000000
            WHEN value_ns <= 150000000000 THEN 150000000000
            WHEN value_ns <= 200000000000 THEN 200000000000
            WHEN value_ns <= 300000000000 THEN 300000000000
            WHEN value_ns <= 500000000000 THEN 500000000000
            WHEN value_ns <= 700000000000 THEN 700000000000
        END AS upper_ns
    FROM (
        SELECT group_values, 'headers' AS mark, to_headers_ns AS value_ns FROM calls
        UNION ALL
        SELECT group_values, 'first_event' AS mark, to_first_event_ns AS value_ns FROM calls
        UNION ALL
        SELECT group_values, 'first_token' AS mark, to_first_token_ns AS value_ns FROM calls
        UNION ALL
        SELECT group_values, 'total' AS mark, to_end_ns AS value_ns FROM calls
    )
    WHERE value_ns IS NOT NULL
)
GROUP BY group_values, mark, upper_ns
ORDER BY group_values, mark, upper_ns;
