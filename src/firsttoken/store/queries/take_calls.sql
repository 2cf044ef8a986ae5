-- The calls that turn out to be another record of a call, in full.
SELECT * FROM calls SEMI JOIN moved_records USING (started_unix_ns, span_id, trace_id);
