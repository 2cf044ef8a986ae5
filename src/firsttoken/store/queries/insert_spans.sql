-- The rows of one transaction, which the store does not have yet.
INSERT INTO spans BY NAME SELECT * FROM incoming_spans;
