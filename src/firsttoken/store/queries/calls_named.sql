-- The calls that an id names, those first that have it whole: of a span, a trace or both, of the provider's answer or of its
-- request. Others have an id that begins like that, where $beginning says how. Hexadecimal ids are asked in small letters.
SELECT
    trace_id, span_id, started_unix_ns, provider, coalesce(model, response_model) AS model, service, outcome, whole
FROM (
    SELECT
        *,
        coalesce(
            span_id = $hexadecimal
                OR trace_id = $hexadecimal
                OR trace_id || '/' || span_id = $hexadecimal
                OR response_id = $id
                OR request_id = $id,
            false
        ) AS whole
    FROM calls
)
WHERE whole
   OR ($beginning IS NOT NULL AND (
        starts_with(span_id, $hexadecimal)
        OR starts_with(trace_id || '/' || span_id, $hexadecimal)
        OR starts_with(response_id, $beginning)
        OR starts_with(request_id, $beginning)
   ))
ORDER BY whole DESC, started_unix_ns DESC, trace_id DESC, span_id DESC
LIMIT $most;
