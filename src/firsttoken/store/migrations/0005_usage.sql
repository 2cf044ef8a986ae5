-- Tokens by modality, and the provider's own usage object as JSON.
ALTER TABLE calls ADD COLUMN input_text_tokens BIGINT;
ALTER TABLE calls ADD COLUMN output_text_tokens BIGINT;
ALTER TABLE calls ADD COLUMN input_image_tokens BIGINT;
ALTER TABLE calls ADD COLUMN output_image_tokens BIGINT;
ALTER TABLE calls ADD COLUMN raw_usage VARCHAR;
