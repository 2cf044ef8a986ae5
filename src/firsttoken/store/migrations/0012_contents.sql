-- What was said, each text once: `cut_out` of a row tells what was taken out of its columns of JSON, and where it belongs.
-- NULL where nothing was, as in all rows of before. No key index, as on any table: `mark` is the number that the
-- first 15 digits of the digest are, which takes little time to read for all rows.
CREATE TABLE contents (
    mark   BIGINT NOT NULL,
    digest VARCHAR NOT NULL,
    text   VARCHAR NOT NULL USING COMPRESSION zstd
);
ALTER TABLE calls ADD COLUMN cut_out STRUCT(part VARCHAR, place BIGINT, digest VARCHAR, quoted BOOLEAN)[];
ALTER TABLE spans ADD COLUMN cut_out STRUCT(part VARCHAR, place BIGINT, digest VARCHAR, quoted BOOLEAN)[];
ALTER TABLE logs ADD COLUMN cut_out STRUCT(part VARCHAR, place BIGINT, digest VARCHAR, quoted BOOLEAN)[];
