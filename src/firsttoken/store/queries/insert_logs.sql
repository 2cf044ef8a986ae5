-- Rows that were delivered before are left as they are.
INSERT INTO logs BY NAME SELECT * FROM incoming_logs ON CONFLICT DO NOTHING;
