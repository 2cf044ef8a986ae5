-- What priced calls cost by currency: over all of them, and per provider and model.
SELECT
    GROUPING(provider) = 1              AS overall,
    provider,
    coalesce(model, response_model, '') AS model,
    cost_currency                       AS currency,
    sum(cost_total)                     AS cost
FROM calls
WHERE cost_currency IS NOT NULL
  AND ($run_id IS NULL OR run_id = $run_id)
  AND ($since_unix_ns IS NULL OR started_unix_ns >= $since_unix_ns)
GROUP BY GROUPING SETS ((cost_currency), (provider, coalesce(model, response_model, ''), cost_currency))
ORDER BY currency;
