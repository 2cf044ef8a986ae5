-- What kinds of errors calls ended with: over all of them, and per provider and model. Of a call that was stored before
-- errors had kinds it is unknown. A caller's own cancellation is no error.
SELECT
    GROUPING(provider) = 1              AS overall,
    provider,
    coalesce(model, response_model, '') AS model,
    coalesce(error_category, 'unknown') AS category,
    count(*)                            AS calls
FROM calls
WHERE outcome IN ('failed', 'timed_out')
  AND ($run_id IS NULL OR run_id = $run_id)
  AND ($since_unix_ns IS NULL OR started_unix_ns >= $since_unix_ns)
GROUP BY GROUPING SETS ((category), (provider, coalesce(model, response_model, ''), category))
ORDER BY calls DESC, category;
