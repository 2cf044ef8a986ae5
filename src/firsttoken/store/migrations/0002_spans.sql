-- One row per span that is not a call to a model.
CREATE TABLE spans (
    trace_id         VARCHAR NOT NULL,
    span_id          VARCHAR NOT NULL,
    parent_span_id   VARCHAR,
    name             VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,
    service          VARCHAR NOT NULL,
    run_id           VARCHAR,
    scope            VARCHAR NOT NULL,
    received_unix_ns BIGINT NOT NULL,
    started_unix_ns  BIGINT NOT NULL,
    ended_unix_ns    BIGINT NOT NULL,
    status           VARCHAR NOT NULL,
    status_message   VARCHAR NOT NULL,
    attributes       JSON NOT NULL,
    resource         JSON NOT NULL,
    events           JSON NOT NULL,

    PRIMARY KEY (trace_id, span_id)
);
