-- The stored records of calls that may be of the same call as one in `asked_records`: those of another
-- instrumentation with the same response id at about that time, the parents and the children.
WITH records AS (
    SELECT
        trace_id, span_id, parent_span_id, scope, started_unix_ns, duration_ns, operation, response_id, response_model,
        usage_reported, repeated, true AS is_call, seen_by
    FROM calls
    WHERE started_unix_ns BETWEEN $first_unix_ns AND $last_unix_ns
    UNION ALL BY NAME
    SELECT
        trace_id, span_id, parent_span_id, scope, started_unix_ns, ended_unix_ns - started_unix_ns AS duration_ns,
        operation, response_id, response_model, usage_reported, repeated, false AS is_call, [scope] AS seen_by
    FROM spans
    WHERE operation IS NOT NULL AND started_unix_ns BETWEEN $first_unix_ns AND $last_unix_ns
)
SELECT * FROM records SEMI JOIN asked_records
    ON records.response_id = asked_records.response_id AND records.scope <> asked_records.scope
    AND records.started_unix_ns >= asked_records.started_unix_ns - $same_answer_ns
    AND records.started_unix_ns <= asked_records.started_unix_ns + $same_answer_ns
UNION ALL
SELECT * FROM records SEMI JOIN asked_records
    ON records.span_id = asked_records.parent_span_id AND records.trace_id = asked_records.trace_id
UNION ALL
SELECT * FROM records SEMI JOIN asked_records
    ON records.parent_span_id = asked_records.span_id AND records.trace_id = asked_records.trace_id;
