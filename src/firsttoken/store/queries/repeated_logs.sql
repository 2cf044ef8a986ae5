-- Which of the log records in `incoming_keys` were delivered before, or stand before in it: by their place.
WITH stored AS (
    SELECT delivery, position FROM logs WHERE time_unix_ns BETWEEN $first_unix_ns AND $last_unix_ns
)
SELECT place FROM incoming_keys SEMI JOIN stored USING (position, delivery)
UNION
SELECT place
FROM (SELECT place, row_number() OVER (PARTITION BY delivery, position ORDER BY place) AS number FROM incoming_keys)
WHERE number > 1;
