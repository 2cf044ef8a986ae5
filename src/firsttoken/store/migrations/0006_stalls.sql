-- Streams that said nothing new for too long, and answers with nothing in them.
ALTER TABLE calls ADD COLUMN stall_count BIGINT;
ALTER TABLE calls ADD COLUMN stalled_ns BIGINT;
ALTER TABLE calls ADD COLUMN first_stall_ns BIGINT;
ALTER TABLE calls ADD COLUMN response_empty VARCHAR;
