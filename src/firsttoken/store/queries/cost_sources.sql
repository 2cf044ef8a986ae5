-- Where the prices of calls came from, and which were used.
SELECT
    cost_currency   AS currency,
    cost_source     AS source,
    cost_price_date AS price_date,
    count(*)        AS calls,
    sum(cost_total) AS cost_total
FROM calls
WHERE cost_currency IS NOT NULL
GROUP BY cost_currency, cost_source, cost_price_date
ORDER BY currency, cost_total DESC, source, price_date;
