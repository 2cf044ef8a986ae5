-- The calls, each once, whoever recorded it and how many did: what every question of firsttoken reads as `calls`.
CREATE OR REPLACE VIEW $name$on_cluster AS
SELECT
$names,
    seen_by
FROM $firsttoken_call_rows FINAL
WHERE NOT layer AND NOT ($is_open AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM $firsttoken_news))
UNION ALL
SELECT
$names,
    sighted_by AS seen_by
FROM $firsttoken_call_rows FINAL
INNER JOIN $firsttoken_news AS news USING (trace_id, span_id)
WHERE $is_open AND NOT is_layer AND $bucket IN ($near_open)
