-- How many spans a trace has, calls and others.
SELECT
    (SELECT count(*) FROM calls WHERE trace_id = $trace_id) AS calls,
    (SELECT count(*) FROM spans WHERE trace_id = $trace_id) AS others;
