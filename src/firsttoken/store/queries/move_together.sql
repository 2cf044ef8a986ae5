-- Writes the rows of a table anew, one after the other, so that the next checkpoint gives the room between them back.
CREATE OR REPLACE TEMP TABLE moving AS SELECT * FROM $table;
DELETE FROM $table;
INSERT INTO $table SELECT * FROM moving;
DROP TABLE moving;
