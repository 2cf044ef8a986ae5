"""What belongs to the caller is freed when the caller lets go of it, without help of the garbage collector."""

from __future__ import annotations

import contextlib
import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import openai
import pytest
from installed import BYTE_STREAMS, OPENAI_HTTP

import firsttoken
from firsttoken.guard import troubles
from firsttoken.observe.recording import MARKS_HELD
from firsttoken.testing import CapturedTelemetry, Delivery, ErrorAnswer, Gate, ProviderServer, text_answer
from observe.asking import opened, read, streamed, using, whole
from observe.program import DONE, PROGRAMS, Program
from observe.surfaces import MESSAGES

Instrumented = Callable[..., AbstractContextManager[None]]

LONG = text_answer(*["word "] * 1_200)


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(params=[False, True], ids=["bare", "observed"])
def maybe_observed(request: pytest.FixtureRequest, instrumented: Instrumented) -> AbstractContextManager[None]:
    """With and without us, to show that a test can pass at all."""
    return instrumented() if request.param else nullcontext()


def test_no_chunk_is_kept_while_a_stream_is_read(
    sdk: str, program: Program, maybe_observed: AbstractContextManager[None]
) -> None:
    refs: list[weakref.ref[Any]] = []
    dead: list[object] = []
    most = 0

    async def work(client: Any) -> None:
        nonlocal most
        stream = await opened(program, client)
        while (chunk := await program.next(stream)) is not DONE:
            refs.append(weakref.ref(chunk, dead.append))
            most = max(most, len(refs) - len(dead))

    with ProviderServer(lambda request: LONG) as server, maybe_observed:
        using(program, sdk, server, work)
    assert most <= 4


def test_no_chunk_is_kept_after_a_stream_has_ended(
    sdk: str, program: Program, maybe_observed: AbstractContextManager[None]
) -> None:
    async def work(client: Any) -> None:
        stream = await opened(program, client)
        chunks = await read(program, stream)
        alive = [weakref.ref(chunk) for chunk in chunks]
        firsttoken.flush()
        del chunks
        assert [chunk() for chunk in alive if chunk() is not None] == []
        assert stream.response.is_closed

    with ProviderServer() as server, maybe_observed:
        using(program, sdk, server, work)


def test_no_whole_answer_is_kept(sdk: str, program: Program, maybe_observed: AbstractContextManager[None]) -> None:
    async def work(client: Any) -> None:
        answer = weakref.ref(await whole(program, client))
        firsttoken.flush()
        assert answer() is None

    with ProviderServer() as server, maybe_observed:
        using(program, sdk, server, work)


class Precious:
    """Something in the frames that an error passes through."""


@pytest.mark.parametrize("ask", [streamed, whole])
def test_nothing_in_the_frames_of_an_error_is_kept(
    ask: Any, sdk: str, program: Program, maybe_observed: AbstractContextManager[None]
) -> None:
    async def fails(client: Any) -> weakref.ref[Precious]:
        precious = Precious()
        kept = weakref.ref(precious)
        with contextlib.suppress(Exception):
            await ask(program, client)
        return kept

    async def work(client: Any) -> None:
        kept = await fails(client)
        firsttoken.flush()
        assert kept() is None

    with ProviderServer(lambda request: ErrorAnswer(status=400)) as server, maybe_observed:
        using(program, sdk, server, work)


def test_a_dropped_stream_of_anthropic_is_closed_as_early_as_without_us(
    telemetry: CapturedTelemetry, instrumented: Callable[..., AbstractContextManager[None]]
) -> None:
    program, gate = PROGRAMS["sync"], Gate()

    async def is_closed_at_once(client: Any) -> bool:
        stream = await opened(program, client)
        await program.next(stream)
        response = stream.response
        del stream
        return response.is_closed

    with ProviderServer(lambda request: text_answer(delivery=Delivery(before={2: gate}))) as server:
        bare = using(program, "anthropic", server, is_closed_at_once)
        with instrumented():
            assert using(program, "anthropic", server, is_closed_at_once) == bare
            gc.collect()
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["abandoned"]


class OnePiece(*BYTE_STREAMS):  # type: ignore[misc]
    """A body that arrives all at once."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "w"}}]}\n\n' * 2 * MARKS_HELD


def test_a_long_rest_that_is_read_after_close_is_no_failure_of_ours(
    telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    def provider(request: Any) -> Any:
        return OPENAI_HTTP.Response(200, headers={"content-type": "text/event-stream"}, stream=OnePiece())

    before = dict(troubles)
    with instrumented(), OPENAI_HTTP.Client(transport=OPENAI_HTTP.MockTransport(provider)) as http:
        client = openai.OpenAI(api_key="key", http_client=http)
        stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        next(stream)
        stream.close()
        assert len(list(stream)) == 2 * MARKS_HELD - 1
    assert dict(troubles) == before
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["closed"]
