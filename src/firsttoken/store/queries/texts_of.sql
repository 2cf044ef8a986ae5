-- The texts that have these digests, whose marks tell which rows to look at.
SELECT digest, any_value(text) AS text
FROM contents
WHERE rowid IN (SELECT rowid FROM contents WHERE mark IN (SELECT unnest($marks)))
  AND digest IN (SELECT unnest($digests))
GROUP BY digest;
