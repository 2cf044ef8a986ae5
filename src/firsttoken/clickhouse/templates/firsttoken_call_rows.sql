-- One row per delivery of a call to a model, with a typed column for every field of it. What was said in it lies apart,
-- in the column `content`. The key is that of the span, and begins with its start, so that rows of one time
-- lie together: a span that an exporter sent again comes to lie beside itself, and counts once. What was found out about
-- a record, who else saw its call, or that it is but a layer of another's, comes as its row once more and takes its place.
CREATE TABLE IF NOT EXISTS $name$on_cluster (
$columns,
    seen_by Array(LowCardinality(String)) DEFAULT [scope] CODEC(ZSTD(1)),
    layer   Bool CODEC(ZSTD(1)),
    settled UInt32 CODEC(ZSTD(1)),
    INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = $replacing(settled)
PARTITION BY toDate(fromUnixTimestamp64Nano(started_unix_ns, 'UTC'))
ORDER BY (started_unix_ns, trace_id, span_id)
${ttl_of_start}SETTINGS ttl_only_drop_parts = 1
