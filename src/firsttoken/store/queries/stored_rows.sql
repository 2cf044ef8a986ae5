-- How many rows each table keeps, and how many of them are there.
SELECT
    'calls'                             AS name,
    (SELECT coalesce(sum(count), 0)::BIGINT
     FROM pragma_storage_info('calls')
     WHERE column_id = 0 AND segment_type <> 'VALIDITY') AS stored,
    (SELECT count(*) FROM calls)        AS live
UNION ALL
SELECT
    'spans'                             AS name,
    (SELECT coalesce(sum(count), 0)::BIGINT
     FROM pragma_storage_info('spans')
     WHERE column_id = 0 AND segment_type <> 'VALIDITY') AS stored,
    (SELECT count(*) FROM spans)        AS live
UNION ALL
SELECT
    'logs'                             AS name,
    (SELECT coalesce(sum(count), 0)::BIGINT
     FROM pragma_storage_info('logs')
     WHERE column_id = 0 AND segment_type <> 'VALIDITY') AS stored,
    (SELECT count(*) FROM logs)        AS live
UNION ALL
SELECT
    'contents'                         AS name,
    (SELECT coalesce(sum(count), 0)::BIGINT
     FROM pragma_storage_info('contents')
     WHERE column_id = 0 AND segment_type <> 'VALIDITY') AS stored,
    (SELECT count(*) FROM contents)    AS live;
