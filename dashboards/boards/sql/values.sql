-- What can be chosen: as it is read, and as it travels.
SELECT DISTINCT
    {column}                   AS __text,
    concat('x', hex({column})) AS __value
FROM firsttoken_calls
WHERE started_unix_ns BETWEEN $__from * 1000000 AND $__to * 1000000
ORDER BY __text
