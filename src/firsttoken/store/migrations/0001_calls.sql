-- One row per call to a model, with a typed column for every field of a Call. NULL is unknown, 0 is zero.
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

    -- ending
    outcome                 VARCHAR NOT NULL,
    resend_count            BIGINT NOT NULL,
    response_id             VARCHAR,
    response_model          VARCHAR,
    finish_reasons          VARCHAR[],
    request_id              VARCHAR,
    status_code             BIGINT,
    response_service_tier   VARCHAR,
    speed                   VARCHAR,
    inference_geo           VARCHAR,
    system_fingerprint      VARCHAR,
    hidden_reasoning        BOOLEAN NOT NULL,
    error_type              VARCHAR,
    error_message           VARCHAR,
    exception_type          VARCHAR,
    stacktrace              VARCHAR,

    -- usage: all NULL where the provider reported none
    usage_reported          BOOLEAN NOT NULL,
    usage_partial           BOOLEAN NOT NULL,
    input_tokens            BIGINT,
    output_tokens           BIGINT,
    cache_read_tokens       BIGINT,
    cache_write_tokens      BIGINT,
    cache_write_5m_tokens   BIGINT,
    cache_write_1h_tokens   BIGINT,
    reasoning_tokens        BIGINT,
    input_audio_tokens      BIGINT,
    output_audio_tokens     BIGINT,

    -- cost: either the four parts and their currency, or a reason, or neither where nobody tried
    cost_input              DECIMAL(28, 18),
    cost_cache_read         DECIMAL(28, 18),
    cost_cache_write        DECIMAL(28, 18),
    cost_output             DECIMAL(28, 18),
    cost_total              DECIMAL(30, 18) GENERATED ALWAYS AS (
                                cost_input + cost_cache_read + cost_cache_write + cost_output
                            ) VIRTUAL,
    cost_currency           VARCHAR,
    cost_source             VARCHAR,
    cost_price_date         VARCHAR,
    unpriced_reason         VARCHAR,

    attributes              JSON NOT NULL,
    resource                JSON NOT NULL,
    events                  JSON NOT NULL,

    PRIMARY KEY (trace_id, span_id)
);
