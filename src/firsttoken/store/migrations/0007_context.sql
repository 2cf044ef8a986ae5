-- On whose behalf a call was made, as its application said. `run_id` is the `firsttoken run` that the call belongs to,
-- and `context_run_id` the application's own. What else it said is a JSON object, by the application's names.
ALTER TABLE calls ADD COLUMN user_id VARCHAR;
ALTER TABLE calls ADD COLUMN session_id VARCHAR;
ALTER TABLE calls ADD COLUMN agent_id VARCHAR;
ALTER TABLE calls ADD COLUMN context_run_id VARCHAR;
ALTER TABLE calls ADD COLUMN step_id VARCHAR;
ALTER TABLE calls ADD COLUMN organization_id VARCHAR;
ALTER TABLE calls ADD COLUMN project_id VARCHAR;
ALTER TABLE calls ADD COLUMN call_type VARCHAR;
ALTER TABLE calls ADD COLUMN retry_group VARCHAR;
ALTER TABLE calls ADD COLUMN tags VARCHAR[];
ALTER TABLE calls ADD COLUMN context_more VARCHAR;
