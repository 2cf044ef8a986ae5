-- Which attributes without a column the latest calls have.
SELECT DISTINCT unnest(json_keys(attributes) || json_keys(resource)) AS name
FROM (
    SELECT attributes, resource
    FROM calls
    ORDER BY started_unix_ns DESC
    LIMIT 10000
)
ORDER BY name;
