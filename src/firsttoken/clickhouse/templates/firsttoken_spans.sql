-- The spans that are no calls to a model, or but one more record of a call.
CREATE OR REPLACE VIEW $name$on_cluster AS
WITH
$senders
SELECT DISTINCT
    TraceId                                           AS trace_id,
    SpanId                                            AS span_id,
    nullIf(ParentSpanId, '')                          AS parent_span_id,
    SpanName                                          AS name,
    lower(SpanKind)                                   AS kind,
    ServiceName                                       AS service,
    $run AS run_id,
    ScopeName                                         AS scope,
    toUnixTimestamp64Nano(Timestamp)                  AS received_unix_ns,
    toUnixTimestamp64Nano(Timestamp)                  AS started_unix_ns,
    toUnixTimestamp64Nano(Timestamp) + toInt64(Duration) AS ended_unix_ns,
    lower(StatusCode)                                 AS status,
    StatusMessage                                     AS status_message,
    SpanAttributes                                    AS attributes,
    ResourceAttributes                                AS resource,
    $events AS events
FROM $otel_traces
WHERE NOT ($is_call)
    OR ($several AND (TraceId, SpanId) IN (SELECT trace_id, span_id FROM $firsttoken_call_rows FINAL WHERE layer))
    OR ($is_open AND (TraceId, SpanId) IN (SELECT trace_id, span_id FROM $firsttoken_news WHERE is_layer))
