-- Everything about one call.
SELECT * FROM calls WHERE trace_id = $trace_id AND span_id = $span_id;
