SELECT
$columns,
    sighted_by AS seen_by,
    is_layer AS layer,
    if(is_layer, toUInt32(-1), toUInt32(length(sighted_by))) AS settled
FROM $firsttoken_call_rows FINAL
INNER JOIN ($found_out) AS news USING (trace_id, span_id)
WHERE $bucket IN ($near_to_settle)
