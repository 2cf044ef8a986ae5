(unpriced_reason IS NOT NULL OR (uses_tokens AND cost_currency IS NULL))
            AND NOT (NOT usage_reported AND coalesce(status_code >= 400, false))
