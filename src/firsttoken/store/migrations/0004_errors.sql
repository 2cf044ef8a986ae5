-- What kind of error ended a call, how far it had come, and the attempts that the SDK gave up before.
ALTER TABLE calls ADD COLUMN error_category VARCHAR;
ALTER TABLE calls ADD COLUMN error_stage VARCHAR;
ALTER TABLE calls ADD COLUMN error_code VARCHAR;
ALTER TABLE calls ADD COLUMN retry_after_ns BIGINT;
ALTER TABLE calls ADD COLUMN attempts STRUCT(
    failed_ns      BIGINT,
    wait_ns        BIGINT,
    category       VARCHAR,
    status_code    BIGINT,
    exception_type VARCHAR,
    code           VARCHAR,
    request_id     VARCHAR,
    retry_after_ns BIGINT
)[];
