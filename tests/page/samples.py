"""Calls as programs make them, one of each kind, for the store, the pages and the pictures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from firsttoken.call import (
    Attempt,
    Call,
    Category,
    Failure,
    Ledger,
    Outcome,
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
)

MS: Final = 1_000_000
NOON_NS: Final = 1_795_348_800 * 1_000_000_000
"""2026-11-22 12:00 UTC."""

PRICED: Final = Ledger(
    input=Decimal("0.000318"),
    cache_read=Decimal("0.0000512"),
    cache_write=Decimal("0"),
    output=Decimal("0.00284"),
    currency="USD",
    source="genai-prices 0.2.3",
    price_date="2026-10-01",
)
STREAMED: Final = Call(
    request=Request(
        "chat", "openai", "openai.chat_completions", "gpt-5.1", stream=True, server_address="api.openai.com"
    ),
    timing=Timing(
        NOON_NS,
        2_412 * MS,
        headers_ns=188 * MS,
        first_chunk_ns=241 * MS,
        first_token_ns=412 * MS,
        last_chunk_ns=2_405 * MS,
        chunk_count=171,
        largest_gap_ns=96 * MS,
        provider_wait_ns=2_301 * MS,
        consumer_wait_ns=111 * MS,
    ),
    outcome=Outcome.COMPLETED,
    response=Response(id="chatcmpl-9f2", model="gpt-5.1-2026-08-01", finish_reasons=("stop",), status_code=200),
    usage=Usage(1_532, 284, cache_read_tokens=1_024, reasoning_tokens=64),
    cost=PRICED,
)
WHOLE: Final = replace(
    STREAMED,
    request=Request("chat", "anthropic", "anthropic.messages", "claude-opus-4-8", server_address="api.anthropic.com"),
    timing=Timing(NOON_NS + 700 * MS, 1_840 * MS, headers_ns=1_790 * MS),
    response=Response(id="msg_01", model="claude-opus-4-8", finish_reasons=("end_turn",), status_code=200),
    usage=Usage(2_210, 96, cache_read_tokens=0, cache_write_tokens=1_800),
)
RATE_LIMITED: Final = Call(
    request=Request("chat", "openai", "openai.chat_completions", "gpt-5.1-mini", stream=True),
    timing=Timing(NOON_NS + 1_900 * MS, 640 * MS, headers_ns=633 * MS),
    outcome=Outcome.FAILED,
    response=Response(status_code=429, request_id="req_7c1"),
    failure=Failure(
        "rate_limit_exceeded",
        "Rate limit reached for gpt-5.1-mini: try again in 20 s.",
        category=Category.RATE_LIMIT,
        stage=Stage.HEADERS,
        code="1302",
        retry_after_ns=20_000 * MS,
    ),
    cost=Unpriced("unknown_usage"),
    resend_count=2,
    attempts=(
        Attempt(90 * MS, 60 * MS, Category.RATE_LIMIT, 429, request_id="req_7bf", retry_after_ns=60 * MS),
        Attempt(350 * MS, 180 * MS, Category.TIMEOUT, exception_type="httpx.ReadTimeout"),
    ),
)
CUT: Final = replace(
    STREAMED,
    request=replace(STREAMED.request, provider="anthropic", api="anthropic.messages", model="claude-sonnet-5"),
    timing=replace(
        STREAMED.timing, started_unix_ns=NOON_NS + 3_100 * MS, duration_ns=1_204 * MS, last_chunk_ns=1_180 * MS
    ),
    outcome=Outcome.FAILED,
    usage=Usage(812, 41, partial=True),
    failure=Failure(
        "httpx.RemoteProtocolError",
        "peer closed connection without sending complete message body",
        category=Category.CONNECTION,
        stage=Stage.MID_STREAM,
    ),
    cost=Unpriced("partial_usage"),
)
UNKNOWN_MODEL: Final = replace(
    STREAMED,
    request=replace(STREAMED.request, provider="openai", model="llama-local-70b"),
    timing=replace(
        STREAMED.timing, started_unix_ns=NOON_NS + 4_500 * MS, first_token_ns=905 * MS, duration_ns=6_912 * MS
    ),
    cost=Unpriced("unknown_model"),
)
NO_USAGE: Final = replace(
    STREAMED,
    timing=replace(STREAMED.timing, started_unix_ns=NOON_NS + 5_200 * MS, first_token_ns=305 * MS),
    usage=None,
    cost=Unpriced("unknown_usage"),
)
ABANDONED: Final = replace(CUT, outcome=Outcome.ABANDONED, failure=None)
TIMED_OUT: Final = replace(
    RATE_LIMITED,
    outcome=Outcome.TIMED_OUT,
    timing=Timing(NOON_NS + 8_000 * MS, 5_001 * MS),
    failure=Failure("timeout", "Request timed out.", category=Category.TIMEOUT, stage=Stage.HEADERS),
    attempts=(),
    resend_count=0,
)
HOSTILE_TEXT: Final = "<script>alert('stolen')</script><img src=x onerror=alert(1)>\"'&"
HOSTILE: Final = replace(
    RATE_LIMITED,
    request=replace(RATE_LIMITED.request, model=HOSTILE_TEXT, provider=HOSTILE_TEXT, operation="chat"),
    failure=Failure(HOSTILE_TEXT, HOSTILE_TEXT, code=HOSTILE_TEXT),
    attempts=(Attempt(1, 1, exception_type=HOSTILE_TEXT, code=HOSTILE_TEXT, request_id=HOSTILE_TEXT),),
    cost=Unpriced(HOSTILE_TEXT),
)
EMBEDDED: Final = replace(
    WHOLE,
    request=Request("embeddings", "openai", "openai.embeddings", "text-embedding-3-small"),
    response=Response(model="text-embedding-3-small", status_code=200),
    usage=Usage(input_tokens=1_200),
)
FETCHED: Final = replace(
    WHOLE,
    request=Request("fetch_response", "openai", "openai.responses", stream=True),
    response=Response(id="resp_1", model="gpt-5.1-2026-08-01", status="completed"),
    usage=None,
    cost=None,
)
EVERY_KIND: Final = (
    *(STREAMED, WHOLE, RATE_LIMITED, CUT, UNKNOWN_MODEL, NO_USAGE, ABANDONED, TIMED_OUT, HOSTILE),
    *(EMBEDDED, FETCHED),
)


def later(call: Call, by_ns: int) -> Call:
    """The same call, started later."""
    return replace(call, timing=replace(call.timing, started_unix_ns=call.timing.started_unix_ns + by_ns))
