-- How calls ended: over all of them, and per provider and model.
SELECT
    GROUPING(provider) = 1              AS overall,
    provider,
    coalesce(model, response_model, '') AS model,
    outcome,
    count(*)                            AS calls
FROM calls
WHERE ($run_id IS NULL OR run_id = $run_id)
  AND ($since_unix_ns IS NULL OR started_unix_ns >= $since_unix_ns)
GROUP BY GROUPING SETS ((outcome), (provider, coalesce(model, response_model, ''), outcome))
ORDER BY calls DESC, outcome;
