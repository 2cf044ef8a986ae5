"""Calls to emit, and emitters of each signal that write into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from described import CHAT

from firsttoken.call import (
    Attempt,
    Call,
    Category,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    Request,
    Response,
    Stage,
    Timing,
    Usage,
)
from firsttoken.testing import CapturedTelemetry

MS = 1_000_000


@pytest.fixture
def telemetry() -> Iterator[CapturedTelemetry]:
    with CapturedTelemetry() as captured:
        yield captured


@pytest.fixture(scope="session")
def completed() -> Call:
    """A streamed chat that went well."""
    return Call(
        request=replace(CHAT, parameters=Parameters(temperature=0.5)),
        timing=Timing(
            started_unix_ns=1_700_000_000_000_000_000,
            duration_ns=900 * MS,
            headers_ns=100 * MS,
            first_chunk_ns=200 * MS,
            first_token_ns=300 * MS,
            last_chunk_ns=800 * MS,
            chunk_count=4,
        ),
        outcome=Outcome.COMPLETED,
        response=Response(id="c-1", model="gpt-4o-2024-08-06", finish_reasons=("stop",), service_tier="default"),
        usage=Usage(input_tokens=100, output_tokens=11, cache_read_tokens=0, reasoning_tokens=4, input_audio_tokens=30),
        cost=Ledger(Decimal("0.25"), Decimal(0), Decimal(0), Decimal("0.5"), "USD", "list"),
    )


@pytest.fixture(scope="session")
def embedded(completed: Call) -> Call:
    """Embeddings: input tokens, and no answer to speak of."""
    return Call(
        request=Request(
            "embeddings",
            "openai",
            "openai.embeddings",
            "text-embedding-3-small",
            parameters=Parameters(encoding_formats=("float",), dimension_count=8),
        ),
        timing=Timing(completed.timing.started_unix_ns, duration_ns=50 * MS),
        outcome=Outcome.COMPLETED,
        response=Response(model="text-embedding-3-small"),
        usage=Usage(input_tokens=100),
        cost=Ledger(Decimal("0.25"), Decimal(0), Decimal(0), Decimal(0), "USD", "list"),
    )


@pytest.fixture(scope="session")
def fetched(completed: Call) -> Call:
    """A stored answer whose stream is taken up again."""
    return Call(
        request=Request(
            "fetch_response", "openai", "openai.responses", stream=True, parameters=Parameters(stream_cursor="7")
        ),
        timing=Timing(completed.timing.started_unix_ns, 50 * MS, first_chunk_ns=10 * MS, chunk_count=3),
        outcome=Outcome.COMPLETED,
        response=Response(id="resp_1", model="gpt-5", finish_reasons=("stop",), status="completed"),
    )


@pytest.fixture(scope="session")
def failed() -> Call:
    """A call that was not streamed and that the provider refused."""
    return Call(
        request=Request("chat", "anthropic", "anthropic.messages", "claude-sonnet-4-5"),
        timing=Timing(started_unix_ns=1_700_000_000_000_000_000, duration_ns=50 * MS),
        outcome=Outcome.FAILED,
        response=Response(finish_reasons=("error",), status_code=529),
        failure=Failure(
            "overloaded_error",
            "Overloaded.",
            "anthropic.OverloadedError",
            "Traceback …",
            Category.OVERLOADED,
            Stage.HEADERS,
            "overloaded_error",
        ),
    )


@pytest.fixture(scope="session")
def retried(failed: Call) -> Call:
    """The same after two attempts that the SDK had given up."""
    return replace(
        failed,
        attempts=(
            Attempt(10 * MS, 5 * MS, Category.RATE_LIMIT, 429, None, "rate_limit_error", "req_1", 4 * MS),
            Attempt(20 * MS, 6 * MS, Category.TIMEOUT, exception_type="httpx.ReadTimeout"),
        ),
        resend_count=2,
    )
