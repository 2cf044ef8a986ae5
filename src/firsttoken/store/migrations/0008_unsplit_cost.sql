-- A cost that the provider stated in one amount has no parts, but a total: it is stored and no longer worked out.
-- The five parts that are known and `cost_unsplit` add up to `cost_total`.
ALTER TABLE calls DROP COLUMN cost_total;
ALTER TABLE calls ADD COLUMN cost_unsplit DECIMAL(28, 18);
ALTER TABLE calls ADD COLUMN cost_total DECIMAL(28, 18);
UPDATE calls
SET cost_total = cost_input + cost_cache_read + cost_cache_write + cost_output + coalesce(cost_tools, 0)
WHERE cost_currency IS NOT NULL;
