-- The log records. One that an exporter sent again is the same in every column, and stands here once.
CREATE OR REPLACE VIEW $name$on_cluster AS
SELECT DISTINCT
    nullIf(TraceId, '')                               AS trace_id,
    nullIf(SpanId, '')                                AS span_id,
    coalesce(nullIf(EventName, ''), nullIf(LogAttributes['event.name'], '')) AS event_name,
    ServiceName                                       AS service,
    $run AS run_id,
    ScopeName                                         AS scope,
    toUnixTimestamp64Nano(Timestamp)                  AS received_unix_ns,
    toUnixTimestamp64Nano(Timestamp)                  AS time_unix_ns,
    nullIf(SeverityText, '')                          AS severity,
    ''                                                AS delivery,
    0                                                 AS position,
    multiIf(Body = '', NULL, substring(Body, 1, 1) IN ('{', '[') AND isValidJSON(Body), Body, toJSONString(Body)) AS body,
    LogAttributes                                     AS attributes,
    ResourceAttributes                                AS resource
FROM $otel_logs
