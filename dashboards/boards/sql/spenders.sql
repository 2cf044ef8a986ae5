-- How many groups spent anything.
SELECT nullIf(uniqExact({group}), 0) AS groups
FROM firsttoken_calls
WHERE cost_total > 0 AND {chosen}
