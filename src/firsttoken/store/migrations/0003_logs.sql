-- One row per log record. A record has no identity of its own: the request that brought it and its place there
-- tell a request that was sent again from a message that was logged again.
CREATE TABLE logs (
    delivery         VARCHAR NOT NULL,
    position         BIGINT NOT NULL,
    trace_id         VARCHAR,
    span_id          VARCHAR,
    event_name       VARCHAR,
    service          VARCHAR NOT NULL,
    run_id           VARCHAR,
    scope            VARCHAR NOT NULL,
    received_unix_ns BIGINT NOT NULL,
    time_unix_ns     BIGINT NOT NULL,
    severity         VARCHAR,
    body             JSON,
    attributes       JSON NOT NULL,
    resource         JSON NOT NULL,

    PRIMARY KEY (delivery, position)
);
