-- The texts that no row has any more.
DELETE FROM contents
WHERE digest NOT IN (
    SELECT unnest(list_transform(cut_out, lambda cut: cut.digest)) FROM calls
    UNION ALL
    SELECT unnest(list_transform(cut_out, lambda cut: cut.digest)) FROM spans
    UNION ALL
    SELECT unnest(list_transform(cut_out, lambda cut: cut.digest)) FROM logs
);
