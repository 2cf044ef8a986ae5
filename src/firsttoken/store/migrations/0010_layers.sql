-- One call that several instrumentations recorded is one row of `calls`, and `seen_by` names them all, its own first.
-- The other records are rows of `spans`, with what tells whose they are; `operation` is NULL for all other spans.
ALTER TABLE calls ADD COLUMN seen_by VARCHAR[];
UPDATE calls SET seen_by = [scope];
ALTER TABLE spans ADD COLUMN operation VARCHAR;
ALTER TABLE spans ADD COLUMN response_id VARCHAR;
ALTER TABLE spans ADD COLUMN response_model VARCHAR;
ALTER TABLE spans ADD COLUMN usage_reported BOOLEAN;
ALTER TABLE spans ADD COLUMN repeated BOOLEAN;
