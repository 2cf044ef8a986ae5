-- One row for each currency.
SELECT
    cost_currency               AS currency,
    toFloat64(sum(cost_total))  AS cost
FROM firsttoken_calls
WHERE cost_currency IS NOT NULL AND {chosen}
GROUP BY currency
ORDER BY currency
