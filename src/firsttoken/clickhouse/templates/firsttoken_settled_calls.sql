-- The calls, where it has been settled of all records whose they are, as it is where one instrumentation alone records
-- them. Otherwise this fails, and firsttoken asks firsttoken_calls.
CREATE OR REPLACE VIEW $name$on_cluster AS
SELECT
$names,
    seen_by
FROM $firsttoken_call_rows FINAL
WHERE NOT layer AND throwIf($is_open, '$unsettled') = 0
