"""Records for the store: any call at all, and small ones of each kind."""

from __future__ import annotations

import itertools
import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb
from hypothesis import strategies as st

from firsttoken.call import (
    OPERATIONS,
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    RateLimits,
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
)
from firsttoken.semconv.context import is_reserved
from firsttoken.store import Batch, CallRecord, JsonText, LogRecord, Origin, SpanRecord, Store

ORIGIN: Final = Origin("checkout", "run-1", "firsttoken.openai", JsonText('{"service.name":"checkout"}'))
SMALLEST_CALL: Final = Call(Request("chat", "openai", "openai.chat_completions"), Timing(1, 0), Outcome.COMPLETED)
EMPTY: Final = JsonText("{}")
NOTHING: Final = JsonText("[]")
TESTS: Final = Path(__file__).parents[1]
"""Where `programs.py` is run from."""
TABLES: Final = ("calls", "spans", "logs")

_number = itertools.count(1)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
name = text.filter(bool)
maybe_text = st.none() | text
count = st.none() | st.integers(0, 2**40)
mark = st.none() | st.integers(0, 10**15)
texts = st.none() | st.lists(text, max_size=3).map(tuple)
real = st.none() | st.floats(allow_nan=False, allow_infinity=False)
amount = st.integers(0, 10**14).map(lambda units: Decimal(units).scaleb(-12))

parameters = st.builds(
    Parameters,
    max_tokens=count,
    temperature=real,
    top_p=real,
    top_k=count,
    frequency_penalty=real,
    presence_penalty=real,
    stop_sequences=texts,
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    choice_count=count,
    reasoning_level=maybe_text,
    output_type=maybe_text,
    service_tier=maybe_text,
    previous_response_id=maybe_text,
    conversation_id=maybe_text,
    stream_cursor=maybe_text,
    encoding_formats=texts,
    dimension_count=count,
)
own_values = (
    text
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(text, min_size=1, max_size=3).map(tuple)
)
contexts = st.builds(
    CallContext,
    user_id=maybe_text,
    session_id=maybe_text,
    agent_id=maybe_text,
    run_id=maybe_text,
    step_id=maybe_text,
    organization_id=maybe_text,
    project_id=maybe_text,
    call_type=maybe_text,
    retry_group=maybe_text,
    tags=st.lists(text, max_size=3).map(tuple),
    more=st.dictionaries(name.filter(lambda said: not is_reserved(said)), own_values, max_size=3),
)
requests = st.builds(
    Request,
    operation=st.sampled_from(tuple(OPERATIONS)),
    provider=text,
    api=st.sampled_from(("openai.chat_completions", "anthropic.messages")),
    model=maybe_text,
    stream=st.booleans(),
    server_address=maybe_text,
    server_port=st.none() | st.integers(0, 65535),
    parameters=parameters,
    context=contexts,
)
timings = st.builds(
    Timing,
    started_unix_ns=st.integers(1, 2**62),
    duration_ns=st.integers(0, 10**15),
    headers_ns=mark,
    first_chunk_ns=mark,
    first_token_ns=mark,
    last_chunk_ns=mark,
    chunk_count=count,
    largest_gap_ns=mark,
    provider_wait_ns=mark,
    consumer_wait_ns=mark,
)
responses = st.builds(
    Response,
    id=maybe_text,
    model=maybe_text,
    finish_reasons=texts,
    request_id=maybe_text,
    status_code=st.none() | st.integers(100, 599),
    service_tier=maybe_text,
    speed=maybe_text,
    hidden_reasoning=st.booleans(),
    inference_geo=maybe_text,
    system_fingerprint=maybe_text,
    status=maybe_text,
    compacted=st.booleans(),
)
usages = st.builds(
    Usage,
    input_tokens=count,
    output_tokens=count,
    cache_read_tokens=count,
    cache_write_tokens=count,
    cache_write_5m_tokens=count,
    cache_write_1h_tokens=count,
    reasoning_tokens=count,
    input_text_tokens=count,
    output_text_tokens=count,
    input_image_tokens=count,
    output_image_tokens=count,
    input_audio_tokens=count,
    output_audio_tokens=count,
    partial=st.booleans(),
)
priced = st.builds(
    Ledger, amount, amount, amount, amount, currency=name, source=text, price_date=st.none() | st.just("2026-11-22")
)
part = st.none() | amount
ledgers = priced | st.builds(Ledger, part, part, part, part, currency=name, source=text, tools=part, unsplit=amount)
costs = st.none() | ledgers | st.builds(Unpriced, st.sampled_from(("unknown_model", "unknown_usage")))
categories = st.sampled_from(Category)
failures = st.builds(
    Failure,
    type=name,
    message=text,
    exception_type=maybe_text,
    stacktrace=maybe_text,
    category=categories,
    stage=st.none() | st.sampled_from(Stage),
    code=maybe_text,
    retry_after_ns=mark,
)
attempts = st.builds(
    Attempt,
    failed_ns=st.integers(0, 10**15),
    wait_ns=st.integers(0, 10**15),
    category=categories,
    status_code=count,
    exception_type=maybe_text,
    code=maybe_text,
    request_id=maybe_text,
    retry_after_ns=mark,
)
rate_limits = st.builds(
    RateLimits,
    requests_limit=st.integers(0, 10**9),
    requests_remaining=count,
    requests_reset_ns=mark,
    output_tokens_limit=count,
    output_tokens_remaining=count,
    output_tokens_reset_ns=mark,
)
calls = st.builds(
    Call,
    request=requests,
    timing=timings,
    outcome=st.sampled_from(Outcome),
    response=responses,
    usage=st.none() | usages,
    raw_usage=maybe_text,
    failure=st.none() | failures,
    cost=costs,
    resend_count=st.integers(0, 10),
    attempts=st.lists(attempts, max_size=3).map(tuple),
    rate_limits=st.none() | rate_limits,
)


def ids() -> tuple[str, str]:
    """A trace id and a span id that nobody had before."""
    number = next(_number)
    return f"{number:032x}", f"{number:016x}"


def call_record(
    call: Call = SMALLEST_CALL, *, span: tuple[str, str] | None = None, origin: Origin = ORIGIN
) -> CallRecord:
    trace_id, span_id = span or ids()
    return CallRecord(trace_id, span_id, None, "chat", origin, 1, call, EMPTY, NOTHING)


def span_record(*, span: tuple[str, str] | None = None) -> SpanRecord:
    trace_id, span_id = span or ids()
    return SpanRecord(trace_id, span_id, None, "GET", "client", 1, 2, "unset", "", ORIGIN, 1, EMPTY, NOTHING)


def log_record(delivery: str, position: int, *, attributes: JsonText = EMPTY) -> LogRecord:
    return LogRecord(delivery, position, None, None, None, 1, "INFO", JsonText('"hello"'), ORIGIN, 1, attributes)


def write_calls(store: Store, *calls: Call) -> list[CallRecord]:
    """Committed when it returns."""
    records = [call_record(call) for call in calls]
    store.write(Batch(calls=tuple(records))).result(30)
    return records


def command(program: str, path: Path) -> list[str]:
    """Runs one of `programs.py` on a store."""
    return [sys.executable, "-m", "store.programs", program, str(path)]


def rows_in(path: Path) -> dict[str, int]:
    """How many calls, spans and log records a store holds that nobody has open."""
    with duckdb.connect(path, read_only=True) as connection:
        counts = {table: connection.execute(f"FROM {table} SELECT count(*)").fetchone() for table in TABLES}
    return {table: found[0] for table, found in counts.items() if found is not None}
