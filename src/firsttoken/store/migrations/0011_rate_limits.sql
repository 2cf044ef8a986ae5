-- How much of its rate limits the provider said was left; a reset is how long after the answer all of a limit is there again.
ALTER TABLE calls ADD COLUMN rate_requests_limit BIGINT;
ALTER TABLE calls ADD COLUMN rate_requests_remaining BIGINT;
ALTER TABLE calls ADD COLUMN rate_requests_reset_ns BIGINT;
ALTER TABLE calls ADD COLUMN rate_tokens_limit BIGINT;
ALTER TABLE calls ADD COLUMN rate_tokens_remaining BIGINT;
ALTER TABLE calls ADD COLUMN rate_tokens_reset_ns BIGINT;
ALTER TABLE calls ADD COLUMN rate_input_tokens_limit BIGINT;
ALTER TABLE calls ADD COLUMN rate_input_tokens_remaining BIGINT;
ALTER TABLE calls ADD COLUMN rate_input_tokens_reset_ns BIGINT;
ALTER TABLE calls ADD COLUMN rate_output_tokens_limit BIGINT;
ALTER TABLE calls ADD COLUMN rate_output_tokens_remaining BIGINT;
ALTER TABLE calls ADD COLUMN rate_output_tokens_reset_ns BIGINT;
