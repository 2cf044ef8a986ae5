-- The mark that a file is ours, with one row per migration that it has been through.
CREATE TABLE firsttoken_schema (
    version         INTEGER PRIMARY KEY,
    name            VARCHAR NOT NULL,
    applied_unix_ns BIGINT NOT NULL
);
