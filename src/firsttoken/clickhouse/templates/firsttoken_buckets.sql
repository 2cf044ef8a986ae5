-- How many records of calls came to each bucket of time, and of how many it was settled whose they are.
CREATE TABLE IF NOT EXISTS $name$on_cluster (
    bucket  Int64,
    scope   LowCardinality(String),
    came    SimpleAggregateFunction(sum, UInt64),
    last    SimpleAggregateFunction(max, DateTime),
    settled SimpleAggregateFunction(max, UInt64)
)
ENGINE = $aggregating
ORDER BY (bucket, scope)
$ttl_of_bucket