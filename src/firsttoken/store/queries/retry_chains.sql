-- Calls that were made in place of one another, and calls that were sent again, those that cost most time first: up to when
-- the request was sent that ended them. That time is unknown where the last call does not tell of its attempts.
WITH chained AS (
    SELECT
        coalesce(retry_group, trace_id || span_id)      AS chain,
        *
    FROM calls
    WHERE resend_count > 0 OR retry_group IS NOT NULL
),
steps AS (
    SELECT trace_id, span_id, 0 AS lost_ns, 0 AS known_attempts
    FROM chained
    UNION ALL
    SELECT trace_id, span_id, attempt.failed_ns + attempt.wait_ns AS lost_ns, 1 AS known_attempts
    FROM (SELECT trace_id, span_id, unnest(attempts) AS attempt FROM chained)
),
lost AS (
    SELECT trace_id, span_id, max(lost_ns) AS lost_ns, sum(known_attempts) AS known_attempts
    FROM steps
    GROUP BY trace_id, span_id
),
timed AS (
    SELECT
        chained.chain                                                       AS chain,
        chained.retry_group                                                 AS retry_group,
        chained.trace_id || chained.span_id                                 AS ids,
        chained.provider                                                    AS provider,
        coalesce(chained.model, chained.response_model)                     AS model,
        chained.outcome                                                     AS outcome,
        chained.started_unix_ns                                             AS started_unix_ns,
        chained.resend_count                                                AS resend_count,
        CASE
            WHEN chained.resend_count = 0 THEN 0
            WHEN lost.known_attempts > 0 THEN least(lost.lost_ns, chained.duration_ns)
        END                                                                 AS lost_ns,
        max(chained.started_unix_ns) OVER (PARTITION BY chained.chain)      AS last_unix_ns
    FROM chained
    JOIN lost ON chained.trace_id = lost.trace_id AND chained.span_id = lost.span_id
),
chains AS (
    SELECT
        max(retry_group)                                                    AS retry_group,
        max(CASE WHEN started_unix_ns = last_unix_ns THEN ids END)          AS last_ids,
        max(CASE WHEN started_unix_ns = last_unix_ns THEN provider END)     AS provider,
        max(CASE WHEN started_unix_ns = last_unix_ns THEN model END)        AS model,
        max(CASE WHEN started_unix_ns = last_unix_ns THEN outcome END)      AS outcome,
        min(started_unix_ns)                                                AS first_unix_ns,
        count(*)                                                            AS calls,
        count(*) + sum(resend_count)                                        AS attempts,
        max(last_unix_ns) - min(started_unix_ns)
            + max(CASE WHEN started_unix_ns = last_unix_ns THEN lost_ns END) AS lost_ns
    FROM timed
    GROUP BY chain
)
SELECT
    retry_group, last_ids, provider, model, outcome, first_unix_ns, calls, attempts, lost_ns,
    count(*) OVER ()                                                        AS all_chains,
    count(lost_ns) OVER ()                                                  AS timed_chains,
    sum(lost_ns) OVER ()                                                    AS all_lost_ns
FROM chains
WHERE attempts > 1
ORDER BY coalesce(lost_ns, -1) DESC, first_unix_ns DESC, last_ids
LIMIT $count;
