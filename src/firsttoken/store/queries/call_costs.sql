-- What priced calls cost by currency: over all of them, and per provider and model.
SELECT
    GROUPING(provider) = 1              AS overall,
    provider,
    coalesce(model, response_model, '') AS model,
    cost_currency                       AS currency,
    sum(cost_total)                     AS cost
FROM calls
WHERE cost_currency IS NOT NULL
GROUP BY GROUPING SETS ((cost_currency), (provider, coalesce(model, response_model, ''), cost_currency))
ORDER BY currency;
