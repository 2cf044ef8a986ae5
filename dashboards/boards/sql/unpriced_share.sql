-- NULL, and not zero, where there are no calls.
SELECT if(count() = 0, NULL, countIf({unpriced}) / count()) AS unpriced
FROM firsttoken_calls
WHERE {chosen}
