-- No key index on any table: it cost more room, memory and time than the rows themselves. The writer looks for a row that
-- is delivered again among those of the same time. Long texts that differ little from row to row are packed with zstd.
-- From here on `attributes` of a call holds what no column of its own does.
ALTER TABLE calls RENAME TO keyed_calls;
CREATE TABLE calls (
    trace_id                VARCHAR NOT NULL,
    span_id                 VARCHAR NOT NULL,
    parent_span_id          VARCHAR,
    name                    VARCHAR NOT NULL,
    service                 VARCHAR NOT NULL,
    run_id                  VARCHAR,
    scope                   VARCHAR NOT NULL,
    received_unix_ns        BIGINT NOT NULL,

    -- request
    operation               VARCHAR NOT NULL,
    provider                VARCHAR NOT NULL,
    api                     VARCHAR NOT NULL,
    model                   VARCHAR,
    stream                  BOOLEAN NOT NULL,
    server_address          VARCHAR,
    server_port             BIGINT,
    max_tokens              BIGINT,
    temperature             DOUBLE,
    top_p                   DOUBLE,
    top_k                   BIGINT,
    frequency_penalty       DOUBLE,
    presence_penalty        DOUBLE,
    stop_sequences          VARCHAR[],
    seed                    BIGINT,
    choice_count            BIGINT,
    reasoning_level         VARCHAR,
    output_type             VARCHAR,
    request_service_tier    VARCHAR,
    previous_response_id    VARCHAR,
    conversation_id         VARCHAR,
    stream_cursor           VARCHAR,
    encoding_formats        VARCHAR[],
    dimension_count         BIGINT,

    -- on whose behalf: `run_id` above is the `firsttoken run`, `context_run_id` the application's own
    user_id                 VARCHAR,
    session_id              VARCHAR,
    agent_id                VARCHAR,
    context_run_id          VARCHAR,
    step_id                 VARCHAR,
    organization_id         VARCHAR,
    project_id              VARCHAR,
    call_type               VARCHAR,
    retry_group             VARCHAR,
    tags                    VARCHAR[],
    context_more            VARCHAR,

    -- timing: nanoseconds after the start
    started_unix_ns         BIGINT NOT NULL,
    duration_ns             BIGINT NOT NULL,
    headers_ns              BIGINT,
    first_chunk_ns          BIGINT,
    first_token_ns          BIGINT,
    last_chunk_ns           BIGINT,
    chunk_count             BIGINT,
    largest_gap_ns          BIGINT,
    provider_wait_ns        BIGINT,
    consumer_wait_ns        BIGINT,
    stall_count             BIGINT,
    stalled_ns              BIGINT,
    first_stall_ns          BIGINT,

    -- ending
    outcome                 VARCHAR NOT NULL,
    resend_count            BIGINT NOT NULL,
    attempts                STRUCT(
                                failed_ns      BIGINT,
                                wait_ns        BIGINT,
                                category       VARCHAR,
                                status_code    BIGINT,
                                exception_type VARCHAR,
                                code           VARCHAR,
                                request_id     VARCHAR,
                                retry_after_ns BIGINT
                            )[],
    response_id             VARCHAR,
    response_model          VARCHAR,
    finish_reasons          VARCHAR[],
    request_id              VARCHAR,
    status_code             BIGINT,
    response_service_tier   VARCHAR,
    response_status         VARCHAR,
    response_empty          VARCHAR,
    speed                   VARCHAR,
    inference_geo           VARCHAR,
    system_fingerprint      VARCHAR,
    hidden_reasoning        BOOLEAN NOT NULL,
    compacted               BOOLEAN NOT NULL,
    repeated                BOOLEAN NOT NULL,
    counted_tokens          BIGINT,
    batch_requests          BIGINT,
    batch_failed            BIGINT,
    error_type              VARCHAR,
    error_message           VARCHAR,
    error_category          VARCHAR,
    error_stage             VARCHAR,
    error_code              VARCHAR,
    retry_after_ns          BIGINT,
    exception_type          VARCHAR,
    stacktrace              VARCHAR,

    -- usage: all NULL where the provider reported none, or where the operation uses no tokens
    uses_tokens             BOOLEAN NOT NULL,
    usage_reported          BOOLEAN NOT NULL,
    usage_partial           BOOLEAN NOT NULL,
    input_tokens            BIGINT,
    output_tokens           BIGINT,
    cache_read_tokens       BIGINT,
    cache_write_tokens      BIGINT,
    cache_write_5m_tokens   BIGINT,
    cache_write_1h_tokens   BIGINT,
    reasoning_tokens        BIGINT,
    input_text_tokens       BIGINT,
    output_text_tokens      BIGINT,
    input_image_tokens      BIGINT,
    output_image_tokens     BIGINT,
    input_audio_tokens      BIGINT,
    output_audio_tokens     BIGINT,
    side_input_tokens       BIGINT,
    side_output_tokens      BIGINT,
    web_search_requests     BIGINT,
    web_fetch_requests      BIGINT,
    raw_usage               VARCHAR USING COMPRESSION zstd,

    -- cost: the parts that are known, their sum with what was not split, and their currency; or a reason; or neither
    -- where nobody tried
    cost_input              DECIMAL(28, 18),
    cost_cache_read         DECIMAL(28, 18),
    cost_cache_write        DECIMAL(28, 18),
    cost_output             DECIMAL(28, 18),
    cost_tools              DECIMAL(28, 18),
    cost_unsplit            DECIMAL(28, 18),
    cost_total              DECIMAL(28, 18),
    cost_currency           VARCHAR,
    cost_source             VARCHAR,
    cost_price_date         VARCHAR,
    unpriced_reason         VARCHAR,

    attributes              JSON NOT NULL,
    resource                JSON NOT NULL,
    events                  JSON NOT NULL USING COMPRESSION zstd
);
INSERT INTO calls BY NAME SELECT * FROM keyed_calls;
DROP TABLE keyed_calls;

ALTER TABLE spans RENAME TO keyed_spans;
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
    attributes       JSON NOT NULL USING COMPRESSION zstd,
    resource         JSON NOT NULL,
    events           JSON NOT NULL USING COMPRESSION zstd
);
INSERT INTO spans BY NAME SELECT * FROM keyed_spans;
DROP TABLE keyed_spans;

ALTER TABLE logs RENAME TO keyed_logs;
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
    body             JSON USING COMPRESSION zstd,
    attributes       JSON NOT NULL USING COMPRESSION zstd,
    resource         JSON NOT NULL
);
INSERT INTO logs BY NAME SELECT * FROM keyed_logs;
DROP TABLE keyed_logs;
