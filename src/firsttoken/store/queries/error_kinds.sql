-- What kinds of errors each group had, by provider and model, beside how many calls of the same there were; and the latest
-- call of each kind, its two ids in one text. Of a call that was stored before errors had kinds it is unknown.
SELECT group_values, provider, model, category, stage, errors, calls, latest_unix_ns, latest_ids
FROM (
    SELECT
        group_values,
        provider,
        model,
        category,
        stage,
        errors,
        latest_unix_ns,
        latest_ids,
        sum(errors) OVER (PARTITION BY group_values, provider, model) AS calls
    FROM (
        SELECT
            group_values,
            provider,
            answering                               AS model,
            category,
            stage,
            count(*)                                AS errors,
            max(started_unix_ns)                    AS latest_unix_ns,
            arg_max(ids, started_unix_ns)           AS latest_ids
        FROM (
            SELECT
                group_values,
                provider,
                started_unix_ns,
                coalesce(model, response_model)     AS answering,
                trace_id || span_id                 AS ids,
                CASE WHEN outcome IN ('failed', 'timed_out') THEN coalesce(error_category, 'unknown') END AS category,
                CASE WHEN outcome IN ('failed', 'timed_out') THEN error_stage END AS stage
            FROM calls
        )
        GROUP BY group_values, provider, answering, category, stage
    )
)
WHERE category IS NOT NULL
ORDER BY errors DESC, latest_unix_ns DESC, group_values, provider, model, category, stage;
