"""Every way in which a stream can end: the columns of the table of surfaces and ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from firsttoken.call import Outcome
from firsttoken.testing import Cut, Delivery, ErrorAnswer, Gate, NoAnswer, RawAnswer, text_answer
from firsttoken.testing.script import Reply
from observe.program import DONE, Program
from observe.surfaces import Api, Opened

ANSWER: Final = replace(text_answer("One", " two", " three", " four", "."), id="answer-1")
AS_RAISED: Final = "as raised"
"""An `error.type` that is the class of the exception, which differs from version to version of an SDK."""


class ConsumerError(Exception):
    """Raised by the program itself, between two chunks."""


@dataclass(slots=True)
class Attempt:
    """A program that is about to open a stream, and what it saw."""

    program: Program
    open: Callable[[], Awaitable[Opened]]
    see: Callable[[object], None]
    gate: Gate

    async def take(self, iterator: Any, count: int) -> None:
        """Reads that many chunks, or fewer where there are no more."""
        for _ in range(count):
            if (chunk := await self.program.next(iterator)) is DONE:
                return
            self.see(chunk)

    async def drain(self, iterator: Any) -> None:
        while (chunk := await self.program.next(iterator)) is not DONE:
            self.see(chunk)


@dataclass(frozen=True, slots=True)
class End:
    """What happens, what answers, and how the call is then recorded."""

    name: str
    happen: Callable[[Attempt], Awaitable[None]]
    outcome: Outcome
    reply: Callable[[Gate], Reply] = lambda gate: ANSWER
    error_type: str | Mapping[str, str] | None = None
    """By SDK where they differ. Anthropic and OpenAI word their errors in their own ways."""
    programs: tuple[str, ...] = ("sync", "async")
    where: Callable[[Api], bool] = lambda api: True
    """The APIs on which it can happen."""
    chunks: int | None = None
    """How many chunks were handed over, where every surface has the same number."""
    client: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Options of the client."""
    requests: int = 1
    """How many requests the provider gets."""

    def error_type_of(self, sdk: str, raised: str | None) -> str | None:
        """What is expected of an SDK, where the program's exception was of the class `raised`."""
        if self.error_type == AS_RAISED:
            return raised
        return self.error_type[sdk] if isinstance(self.error_type, Mapping) else self.error_type


async def drained(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(attempt.program.iterate(opened.stream))


async def drained_by_next(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(opened.stream)


async def drained_in_with(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(attempt.program.iterate(opened.stream))
    await attempt.program.leave(opened.manager)


async def broken_off(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.take(attempt.program.iterate(opened.stream), 2)


async def consumer_raised(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.take(attempt.program.iterate(opened.stream), 2)
    raise ConsumerError("the program's own")


async def consumer_interrupted(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.take(attempt.program.iterate(opened.stream), 2)
    raise KeyboardInterrupt


async def consumer_raised_in_with(attempt: Attempt) -> None:
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    await attempt.take(iterator, 2)
    error = ConsumerError("the program's own")
    await attempt.program.leave(opened.manager, error)
    raise error


async def thrown_into(attempt: Attempt) -> None:
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    await attempt.take(iterator, 2)
    throw = iterator.throw if hasattr(iterator, "throw") else iterator.athrow
    await attempt.program.get(throw(ConsumerError("the program's own")))


async def closed(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.take(attempt.program.iterate(opened.stream), 2)
    await attempt.program.close(opened.stream)


async def closed_then_read_on(attempt: Attempt) -> None:
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    await attempt.take(iterator, 1)
    await attempt.program.close(opened.stream)
    await attempt.program.close(opened.stream)
    await attempt.drain(iterator)


async def left_with(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.take(attempt.program.iterate(opened.stream), 2)
    await attempt.program.leave(opened.manager)


async def closed_before_the_first_chunk(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.program.close(opened.stream)


async def never_iterated(attempt: Attempt) -> None:
    await attempt.open()


async def dropped_and_collected(attempt: Attempt) -> None:
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    await attempt.take(iterator, 1)
    del opened, iterator
    gc.collect()


async def read_by_two(attempt: Attempt) -> None:
    opened = await attempt.open()
    one, other = attempt.program.iterate(opened.stream), attempt.program.iterate(opened.stream)
    await attempt.take(one, 1)
    await attempt.take(other, 1)
    await attempt.drain(one)
    await attempt.drain(other)


async def read_elsewhere(attempt: Attempt) -> None:
    """In another thread of a sync program, in another task of an async one."""
    opened = await attempt.open()
    reading = attempt.drain(attempt.program.iterate(opened.stream))
    if attempt.program.name == "async":
        await asyncio.create_task(_awaited(reading))
        return
    thread = threading.Thread(target=attempt.program.run, args=(reading,))
    thread.start()
    thread.join()


async def cancelled_while_waiting(attempt: Attempt) -> None:
    waiting = asyncio.Event()

    async def read() -> None:
        opened = await attempt.open()
        iterator = attempt.program.iterate(opened.stream)
        await attempt.take(iterator, 1)
        waiting.set()
        await attempt.drain(iterator)

    task = asyncio.create_task(read())
    await waiting.wait()
    await asyncio.to_thread(attempt.gate.wait_until_reached)
    task.cancel()
    await task


async def cancelled_before_the_answer(attempt: Attempt) -> None:
    task = asyncio.create_task(_awaited(attempt.open()))
    await asyncio.to_thread(attempt.gate.wait_until_reached)
    task.cancel()
    await task


async def cancelled_between_chunks(attempt: Attempt) -> None:
    holding = asyncio.Event()

    async def read() -> None:
        opened = await attempt.open()
        await attempt.take(attempt.program.iterate(opened.stream), 1)
        holding.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await holding.wait()
    task.cancel()
    await task


async def waited_for_too_long(attempt: Attempt) -> None:
    opened = await attempt.open()
    await asyncio.wait_for(attempt.drain(attempt.program.iterate(opened.stream)), 0.05)


async def asked_only(attempt: Attempt) -> None:
    with contextlib.suppress(StopAsyncIteration):
        await attempt.open()


async def left_after_all(attempt: Attempt) -> None:
    """The program has seen the last event, and does not wait for the end of the stream."""
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    while (chunk := await attempt.program.next(iterator)) is not DONE:
        attempt.see(chunk)
        if getattr(chunk, "type", None) == "response.failed":
            break
    await attempt.program.leave(opened.manager)


def responses(api: Api) -> bool:
    return not api.raises_errors and api.operation == "chat"


def fetches(api: Api) -> bool:
    return api.operation == "fetch_response"


def held_after(count: int) -> Callable[[Gate], Reply]:
    """An answer whose bytes stop after that many events."""
    return lambda gate: replace(ANSWER, delivery=Delivery(before={count: gate}))


def held_from_the_start(gate: Gate) -> Reply:
    return replace(ANSWER, delivery=Delivery(headers_after=gate))


def stopped(count: int, by: Cut) -> Callable[[Gate], Reply]:
    return lambda gate: replace(ANSWER, delivery=Delivery(stop_after=count, stop_by=by))


def failing_event(count: int) -> Callable[[Gate], Reply]:
    error = ErrorAnswer(status=500, message="It broke.", type="server_error")
    return lambda gate: replace(ANSWER, error=error, error_after=count)


def refused(status: int, **more: Any) -> Callable[[Gate], Reply]:
    return lambda gate: ErrorAnswer(status=status, **more)


def failed_response(gate: Gate) -> Reply:
    return replace(ANSWER, status="failed", finish_reason="rate_limit_exceeded")


def truncated(gate: Gate) -> Reply:
    return replace(ANSWER, truncated=True)


def without_done(gate: Gate) -> Reply:
    return replace(ANSWER, delivery=Delivery(stop_after=-1, stop_by=Cut.END))


ASYNC: Final = ("async",)
READ_TIMEOUT: Final = {"timeout": 0.1}
NOBODY_THERE: Final = {"base_url": "http://127.0.0.1:1"}

ENDS: Final = (
    End("drained", drained, Outcome.COMPLETED),
    End("drained by next()", drained_by_next, Outcome.COMPLETED),
    End("drained, then left with", drained_in_with, Outcome.COMPLETED),
    End("read by two consumers", read_by_two, Outcome.COMPLETED),
    End("read in another thread or task", read_elsewhere, Outcome.COMPLETED),
    End("break", broken_off, Outcome.ABANDONED),
    End("exception in the consumer", consumer_raised, Outcome.ABANDONED),
    End("KeyboardInterrupt in the consumer", consumer_interrupted, Outcome.ABANDONED, programs=("sync",)),
    End("exception inside with", consumer_raised_in_with, Outcome.CLOSED),
    End("exception thrown into the iteration", thrown_into, Outcome.ABANDONED),
    End("close()", closed, Outcome.CLOSED),
    End("close() twice, then read on", closed_then_read_on, Outcome.CLOSED, held_after(1)),
    End("leaving with", left_with, Outcome.CLOSED),
    End("closed before the first chunk", closed_before_the_first_chunk, Outcome.CLOSED, chunks=0),
    End("never iterated", never_iterated, Outcome.ABANDONED, chunks=0),
    End("dropped and collected", dropped_and_collected, Outcome.ABANDONED),
    End(
        "cancelled before the answer",
        cancelled_before_the_answer,
        Outcome.CANCELLED,
        held_from_the_start,
        programs=ASYNC,
    ),
    End("cancelled while waiting", cancelled_while_waiting, Outcome.CANCELLED, held_after(1), programs=ASYNC),
    End("cancelled between chunks", cancelled_between_chunks, Outcome.ABANDONED, programs=ASYNC),
    End("asyncio.wait_for", waited_for_too_long, Outcome.CANCELLED, held_after(1), programs=ASYNC),
    End("HTTP 400", asked_only, Outcome.FAILED, refused(400), "invalid_request_error"),
    End(
        "HTTP 401",
        asked_only,
        Outcome.FAILED,
        refused(401),
        {"openai": "invalid_api_key", "anthropic": "authentication_error"},
    ),
    End(
        "HTTP 403",
        asked_only,
        Outcome.FAILED,
        refused(403),
        {"openai": "unsupported_country_region_territory", "anthropic": "permission_error"},
    ),
    End(
        "HTTP 404",
        asked_only,
        Outcome.FAILED,
        refused(404),
        {"openai": "model_not_found", "anthropic": "not_found_error"},
    ),
    End(
        "HTTP 429",
        asked_only,
        Outcome.FAILED,
        refused(429),
        {"openai": "rate_limit_exceeded", "anthropic": "rate_limit_error"},
    ),
    End("HTTP 500", asked_only, Outcome.FAILED, refused(500), {"openai": "server_error", "anthropic": "api_error"}),
    End(
        "HTTP 529",
        asked_only,
        Outcome.FAILED,
        refused(529),
        {"openai": "server_error", "anthropic": "overloaded_error"},
    ),
    End(
        "HTTP 502 of a proxy",
        asked_only,
        Outcome.FAILED,
        refused(502, content=b"<html>Bad Gateway</html>"),
        AS_RAISED,
    ),
    End("connection refused", asked_only, Outcome.FAILED, error_type=AS_RAISED, client=NOBODY_THERE, requests=0),
    End("connection lost before the answer", asked_only, Outcome.FAILED, lambda gate: NoAnswer(), AS_RAISED),
    End("no answer in time", asked_only, Outcome.TIMED_OUT, held_from_the_start, AS_RAISED, client=READ_TIMEOUT),
    End("no chunk in time", drained, Outcome.TIMED_OUT, held_after(1), AS_RAISED, client=READ_TIMEOUT),
    End("connection reset in mid-stream", drained, Outcome.FAILED, stopped(3, Cut.RESET), AS_RAISED),
    End("connection closed in mid-stream", drained, Outcome.FAILED, stopped(3, Cut.CLOSE), AS_RAISED),
    End("error as the first event", drained, Outcome.FAILED, failing_event(0), "server_error", chunks=0),
    End("error event in mid-stream", drained, Outcome.FAILED, failing_event(3), "server_error"),
    End("clean end before the final event", drained, Outcome.FAILED, stopped(3, Cut.END), "incomplete_stream"),
    End("no events at all", drained, Outcome.FAILED, lambda gate: RawAnswer(), "incomplete_stream", chunks=0),
    End("[DONE] missing", drained, Outcome.COMPLETED, without_done, where=lambda api: api.ends_by_done),
    End("cut off at the token limit", drained, Outcome.COMPLETED, truncated),
    End("failed response", drained, Outcome.FAILED, failed_response, "rate_limit_exceeded", where=responses),
    End(
        "failed response, read in part",
        left_after_all,
        Outcome.FAILED,
        failed_response,
        "rate_limit_exceeded",
        where=responses,
    ),
    End("failed response, fetched", drained, Outcome.COMPLETED, failed_response, where=fetches),
)


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
