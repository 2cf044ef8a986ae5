-- The rows of one transaction, which the store does not have yet.
INSERT INTO calls BY NAME SELECT * FROM incoming_calls;
