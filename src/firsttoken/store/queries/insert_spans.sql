-- Rows that were delivered before are left as they are.
INSERT INTO spans BY NAME SELECT * FROM incoming_spans ON CONFLICT DO NOTHING;
