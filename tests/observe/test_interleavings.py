"""Whatever is done to a stream, in whatever order and from wherever: the call ends once, in one final record."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import anthropic
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from installed import ANTHROPIC_HTTP, OPENAI_HTTP
from observing import observing

from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, Cut, Delivery, ErrorAnswer, ProviderServer, text_answer
from firsttoken.testing.script import Reply
from observe.program import PROGRAMS
from observe.surfaces import REQUESTS, resource

SYNC, ASYNC = PROGRAMS["sync"], PROGRAMS["async"]

ANSWER = text_answer("One", " two", " three")
REPLIES: tuple[Reply, ...] = (
    ANSWER,
    replace(ANSWER, error=ErrorAnswer(status=500), error_after=2),
    replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.RESET)),
    replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.END)),
    ErrorAnswer(status=429),
)
THEIRS = (
    openai.OpenAIError,
    anthropic.AnthropicError,
    OPENAI_HTTP.HTTPError,
    ANTHROPIC_HTTP.HTTPError,
    OPENAI_HTTP.StreamError,
    ANTHROPIC_HTTP.StreamError,
    RuntimeError,
    ValueError,
    StopIteration,
    StopAsyncIteration,
)
"""What the SDKs raise at a program that does such things."""


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def quietly() -> None:
        with contextlib.suppress(*THEIRS):
            work()

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


def read_two(stream: Any) -> None:
    next(stream)
    next(stream)


def race(stream: Any) -> None:
    """Two threads, whichever is first."""
    threads = [in_thread(lambda: read_two(stream)), in_thread(stream.close)]
    for thread in threads:
        thread.join()


def consume_and_fail(stream: Any) -> None:
    with contextlib.suppress(ZeroDivisionError):
        for _ in stream:
            _ = 1 / 0


MOVES: dict[str, Callable[[Any], object]] = {
    "read one": next,
    "read all": list,
    "close": lambda stream: stream.close(),
    "close in a thread": lambda stream: in_thread(stream.close).join(),
    "read and close at once": race,
    "leave with": lambda stream: stream.__exit__(None, None, None),
    "fail in a loop": consume_and_fail,
    "collect": lambda stream: gc.collect(0),
}


async def cancel_a_read(stream: Any) -> None:
    task = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def read_and_close_at_once(stream: Any) -> None:
    await asyncio.gather(anext(stream), stream.close(), return_exceptions=True)


async def read_all(stream: Any) -> None:
    async for _ in stream:
        pass


async def in_no_time(stream: Any) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(anext(stream), 0)


ASYNC_MOVES: dict[str, Callable[[Any], Any]] = {
    "read one": anext,
    "read all": read_all,
    "close": lambda stream: stream.close(),
    "cancel a read": cancel_a_read,
    "read and close at once": read_and_close_at_once,
    "wait no time": in_no_time,
}


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@contextlib.contextmanager
def one_record() -> Iterator[None]:
    """What happens inside is one call: it has one span and one final record, which agree."""
    troubles.clear()
    with CapturedTelemetry() as telemetry:
        with observing(telemetry):
            yield
            gc.collect()
        (span,), (trace,) = telemetry.spans, telemetry.provider_traces
        assert (trace.attempt.number, trace.attempt.final) == (1, True)
        assert trace.span is not None
        assert (trace.span.span_id, trace.outcome) == (span["span_id"], span["attributes"]["firsttoken.outcome"])
        assert not troubles


def create(client: Any, sdk: str) -> Any:
    return resource(client).create(stream=True, **REQUESTS[sdk])


@pytest.mark.parametrize("sdk_name", ["openai", "anthropic"])
@settings(max_examples=30, deadline=None)
@given(moves=st.lists(st.sampled_from([*MOVES]), max_size=6), reply=st.sampled_from(REPLIES))
def test_a_sync_stream_ends_once_whatever_is_done_to_it(
    sdk_name: str, provider: ProviderServer, moves: list[str], reply: Reply
) -> None:
    with one_record():
        provider.enqueue(reply)
        client = SYNC.client(sdk_name, provider, max_retries=0)
        with contextlib.suppress(*THEIRS):
            stream = create(client, sdk_name)
            for move in moves:
                with contextlib.suppress(*THEIRS):
                    MOVES[move](stream)
        stream = None
        client.close()


@pytest.mark.parametrize("sdk_name", ["openai", "anthropic"])
@settings(max_examples=30, deadline=None)
@given(moves=st.lists(st.sampled_from([*ASYNC_MOVES]), max_size=6), reply=st.sampled_from(REPLIES))
def test_an_async_stream_ends_once_whatever_is_done_to_it(
    sdk_name: str, provider: ProviderServer, moves: list[str], reply: Reply
) -> None:
    async def happen() -> None:
        client = ASYNC.client(sdk_name, provider, max_retries=0)
        with contextlib.suppress(*THEIRS):
            stream = await create(client, sdk_name)
            for move in moves:
                with contextlib.suppress(*THEIRS):
                    await ASYNC_MOVES[move](stream)
        stream = None
        await client.close()

    with one_record():
        provider.enqueue(reply)
        asyncio.run(happen())
