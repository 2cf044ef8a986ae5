-- Rows that were delivered before are left as they are.
INSERT INTO calls BY NAME SELECT * FROM incoming_calls ON CONFLICT DO NOTHING;
