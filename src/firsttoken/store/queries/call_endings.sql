-- How calls ended, with what kind of error, and what they cost by currency: over all of them, and per provider and model.
-- Of a call that was stored before errors had kinds it is unknown. A caller's own cancellation is no error.
SELECT
    GROUPING(provider) = 1              AS overall,
    provider,
    coalesce(model, response_model, '') AS model,
    outcome,
    category,
    cost_currency                       AS currency,
    count(*)                            AS calls,
    sum(cost_total)                     AS cost
FROM (
    SELECT
        *,
        CASE WHEN outcome IN ('failed', 'timed_out') THEN coalesce(error_category, 'unknown') END AS category
    FROM calls
)
GROUP BY GROUPING SETS (
    (outcome, category, cost_currency),
    (provider, coalesce(model, response_model, ''), outcome, category, cost_currency)
)
ORDER BY overall DESC, provider, model, outcome, category, currency;
