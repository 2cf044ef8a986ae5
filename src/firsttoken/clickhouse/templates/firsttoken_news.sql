-- What was found out of records of calls by comparing them, and does not stand in their rows yet.
CREATE OR REPLACE VIEW $name$on_cluster AS
$found_out
