-- The log records that may say what was said in the newest calls.
SELECT DISTINCT trace_id, span_id, event_name
FROM logs
WHERE list_contains($events, event_name)
  AND trace_id IN (
      SELECT trace_id
      FROM calls
      ORDER BY started_unix_ns DESC, trace_id DESC, span_id DESC
      LIMIT $most
  );
