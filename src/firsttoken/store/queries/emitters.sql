-- Every instrumentation that recorded a call.
SELECT DISTINCT unnest(seen_by) AS scope FROM calls;
