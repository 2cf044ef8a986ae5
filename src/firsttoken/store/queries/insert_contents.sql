-- The texts of one transaction that the store does not have yet. Marks are quick to read, and tell which rows to look at.
INSERT INTO contents BY NAME
SELECT mark, digest, text
FROM incoming_contents
ANTI JOIN (
    SELECT digest
    FROM contents
    WHERE rowid IN (SELECT contents.rowid FROM contents SEMI JOIN incoming_contents USING (mark))
) AS stored USING (digest);
