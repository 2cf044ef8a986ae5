"""Calls of ten days that end now, for the commands that the documentation shows: each of them finds something.

They are those of two users, sessions and runs (`r-8`, then `r-9`), of three models of two providers, and
of two features. Some were repeated, some failed, and some have no price.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from page.site import record

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Ledger,
    Outcome,
    Request,
    Response,
    Stage,
    Stall,
    Timing,
    Unpriced,
    Usage,
)
from firsttoken.store import Batch, CallRecord, Store

MS: Final = 1_000_000
HOUR_NS: Final = 3_600 * 1_000 * MS
COUNT: Final = 240
"""One each hour."""
NEWEST: Final = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
"""The trace and the span of the last one, which went well and was streamed."""

MODELS: Final = (
    ("openai", "openai.chat_completions", "gpt-4o", "api.openai.com"),
    ("openai", "openai.responses", "gpt-4o-mini", "api.openai.com"),
    ("anthropic", "anthropic.messages", "claude-sonnet-4-5", "api.anthropic.com"),
)
FAILURE: Final = Failure(
    "rate_limit_exceeded",
    "Too many requests.",
    category=Category.RATE_LIMIT,
    stage=Stage.HEADERS,
    retry_after_ns=20_000 * MS,
)
REPEATED: Final = Attempt(90 * MS, 60 * MS, Category.OVERLOADED, 529, request_id="req_0")


def store_of_known_calls(path: Path) -> Path:
    """A store at this path that holds them."""
    with Store.open(path) as store:
        store.write(Batch(calls=tuple(known_calls()))).result(30)
    return path


def known_calls() -> Iterator[CallRecord]:
    """Newest first."""
    now_unix_ns = time.time_ns()
    for age in range(COUNT):
        call = _call(age, now_unix_ns - age * HOUR_NS - 60_000 * MS)
        made = record(call, call.request.context.run_id)
        yield replace(made, trace_id=NEWEST[0], span_id=NEWEST[1]) if age == 0 else made


def _call(age: int, started_unix_ns: int) -> Call:
    provider, api, model, host = MODELS[age % len(MODELS)]
    is_older = age >= COUNT // 2
    request = Request("chat", provider, api, model, stream=age % 5 != 4, server_address=host, server_port=443)
    asked = Call(
        request=replace(request, context=_context(age, is_older)),
        timing=Timing(started_unix_ns, 640 * MS, headers_ns=600 * MS),
        outcome=Outcome.FAILED,
        response=Response(status_code=429, request_id=f"req_{age}"),
        failure=FAILURE,
    )
    return asked if age % 12 == 7 else _answered(asked, age, slower_ns=150 * MS if is_older else 0)


def _context(age: int, is_older: bool) -> CallContext:
    return CallContext(
        user_id=f"u-{1 + age % 2}",
        session_id=f"s-{1 + age % 2}",
        run_id="r-8" if is_older else "r-9",
        step_id=str(1 + age % 3),
        more={"feature": "chat" if age % 4 else "search"},
    )


def _answered(asked: Call, age: int, slower_ns: int) -> Call:
    first_ns = (280 + age * 7 % 90) * MS + slower_ns
    output_tokens = 40 + age * 13 % 160
    ended_ns = first_ns + output_tokens * 8 * MS
    is_repeated, is_unpriced = age % 20 == 3, age % 24 == 10
    timing = Timing(asked.timing.started_unix_ns, ended_ns, headers_ns=first_ns - 40 * MS)
    if asked.request.stream:
        timing = replace(
            timing,
            first_chunk_ns=first_ns - 10 * MS,
            first_token_ns=first_ns,
            last_chunk_ns=ended_ns - MS,
            chunk_count=output_tokens,
        )
    return replace(
        asked,
        timing=timing,
        outcome=Outcome.COMPLETED,
        response=Response(f"id-{age}", asked.request.model, ("stop",), f"req_{age}", 200),
        usage=Usage(input_tokens=500 + age, output_tokens=output_tokens, cache_read_tokens=age % 3 * 100),
        cost=Unpriced("unknown_model") if is_unpriced else _ledger(age, output_tokens),
        failure=None,
        attempts=(REPEATED,) if is_repeated else (),
        resend_count=int(is_repeated),
        stalls=(Stall(200 * MS, 12_000 * MS),) if age % 40 == 5 else (),
    )


def _ledger(age: int, output_tokens: int) -> Ledger:
    micro = Decimal("0.000001")
    return Ledger(
        (500 + age) * micro, age % 3 * 10 * micro, Decimal(0), output_tokens * 10 * micro, "USD", "list", "2026-11-01"
    )
