-- Calls that were priced again.
UPDATE calls
SET cost_input       = incoming_costs.cost_input,
    cost_cache_read  = incoming_costs.cost_cache_read,
    cost_cache_write = incoming_costs.cost_cache_write,
    cost_output      = incoming_costs.cost_output,
    cost_tools       = incoming_costs.cost_tools,
    cost_unsplit     = incoming_costs.cost_unsplit,
    cost_total       = incoming_costs.cost_total,
    cost_currency    = incoming_costs.cost_currency,
    cost_source      = incoming_costs.cost_source,
    cost_price_date  = incoming_costs.cost_price_date,
    unpriced_reason  = incoming_costs.unpriced_reason
FROM incoming_costs
WHERE calls.started_unix_ns = incoming_costs.started_unix_ns
  AND calls.span_id = incoming_costs.span_id
  AND calls.trace_id = incoming_costs.trace_id;
