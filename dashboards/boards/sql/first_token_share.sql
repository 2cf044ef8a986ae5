-- Percentiles over the whole range; NULL without a stream.
SELECT
    quantileExactOrNull({quantile})(first_token_ns) / 1e9 AS first_token
FROM firsttoken_calls
WHERE first_token_ns IS NOT NULL AND {chosen}
