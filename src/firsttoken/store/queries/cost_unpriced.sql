-- Calls that should have a price and have none, by why that is and what they were made with.
SELECT
    coalesce(unpriced_reason, 'not_priced') AS reason,
    provider,
    coalesce(response_model, model)         AS model,
    api,
    stream,
    coalesce(response_service_tier, request_service_tier) AS tier,
    count(*)                                AS calls
FROM calls
WHERE price_missing
GROUP BY
    coalesce(unpriced_reason, 'not_priced'),
    provider,
    coalesce(response_model, model),
    api,
    stream,
    coalesce(response_service_tier, request_service_tier)
ORDER BY calls DESC, reason, provider, model, api, stream, tier;
