"""Calls of every kind that Jaeger is searched for, by the real SDKs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import openai
import pytest

import firsttoken
from e2e.observed import Observed
from firsttoken.testing import ErrorAnswer, Gate, NoAnswer, truncated_answer
from firsttoken.testing.asking import cancel_chat
from firsttoken.testing.delivery import Delivery

STALL_S = 0.15
"""What the application's settings call a stall."""
UNKNOWN_MODEL = "helpdesk-tuned-7b"


def retried(app: Observed) -> str:
    """Refused once for its rate, and then answered."""
    app.provider.enqueue(ErrorAnswer(status=429, headers={"retry-after-ms": "1"}))
    return app.stream()


def timed_out(app: Observed) -> str:
    app.provider.enqueue(NoAnswer(delivery=Delivery(headers_after=Gate())))
    impatient = app.clients["openai"].with_options(timeout=0.2, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(model="gpt-4.1", messages=[{"role": "user", "content": "Hello?"}])
    return app.last_trace_id


def cancelled(app: Observed) -> str:
    async def ask() -> None:
        async with openai.AsyncOpenAI(base_url=app.provider.openai_base_url, api_key="none") as client:
            await cancel_chat(client, "gpt-4.1", "Every station between Lisbon and Vladivostok.")

    asyncio.run(ask())
    return app.last_trace_id


def of_somebody(app: Observed) -> str:
    with firsttoken.context(user_id="u-1007", session_id="s-0714"):
        return app.stream()


def in_conversation(app: Observed) -> str:
    app.clients["openai"].responses.create(model="gpt-4.1", input="Hello?", conversation="conv_1")
    return app.last_trace_id


MADE: Mapping[str, Callable[[Observed], str]] = {
    "streamed": Observed.stream,
    "refused": lambda app: app.fail(429),
    "overloaded": lambda app: app.fail(529, sdk="anthropic"),
    "retried": retried,
    "timed out": timed_out,
    "cancelled": cancelled,
    "closed": Observed.close,
    "cut": lambda app: app.cut(sdk="anthropic"),
    "truncated": lambda app: app.ask(truncated_answer()),
    "unpriced": lambda app: app.stream(model=UNKNOWN_MODEL),
    "late": lambda app: app.slow(2.05),
    "stalled": lambda app: app.stall(0.4),
    "costly": Observed.costly,
    "of somebody": of_somebody,
    "in a conversation": in_conversation,
    "agent": lambda app: app.agent("stream", "fail"),
}
"""Each kind by its name. All but the agent are traces of one span."""


def made(app: Observed) -> dict[str, str]:
    """The trace of each."""
    traces = {name: make(app) for name, make in MADE.items()}
    assert len(set(traces.values())) == len(MADE)
    return traces
