-- The rows of one transaction, which the store does not have yet.
INSERT INTO logs BY NAME SELECT * FROM incoming_logs;
