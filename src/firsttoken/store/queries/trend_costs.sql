-- What the priced calls of each group cost in each step of time after an origin, by currency: of the groups that have the
-- most calls.
WITH largest AS (
    SELECT group_values, count(*) AS group_calls
    FROM calls
    GROUP BY group_values
    ORDER BY group_calls DESC, group_values
    LIMIT $groups
)
SELECT
    group_values,
    (started_unix_ns - $origin_unix_ns) // $step_ns AS step,
    cost_currency                                   AS currency,
    sum(cost_total)                                 AS cost
FROM calls
JOIN largest USING (group_values)
WHERE cost_currency IS NOT NULL
GROUP BY group_values, (started_unix_ns - $origin_unix_ns) // $step_ns, cost_currency
ORDER BY any_value(group_calls) DESC, group_values, step, currency;
