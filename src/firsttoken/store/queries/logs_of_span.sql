-- The log records of one span, in the order they were written.
SELECT event_name, time_unix_ns, severity, body, attributes, cut_out
FROM logs
WHERE trace_id = $trace_id AND span_id = $span_id
ORDER BY time_unix_ns, received_unix_ns, delivery, position;
