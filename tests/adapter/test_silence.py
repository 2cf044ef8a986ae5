"""The watchdog: a stream that gets nowhere for too long is closed, and its reader told so."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import anyio
import openai
import pytest
from observe.program import PROGRAMS, Program
from patience import PATIENCE_S, TRIES

import firsttoken
from adapter.adapting import (
    EVERY_WIRE,
    WORDS,
    drained,
    first_word,
    held,
    streaming,
    with_client,
)
from firsttoken.adapter import Event, Other, StreamAdapter, StreamResult, TextDelta
from firsttoken.adapter.silence import Silence
from firsttoken.call import Outcome
from firsttoken.errors import LLMSilenceError, LLMTimeoutError
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Delivery,
    Gate,
    ProviderServer,
    RawAnswer,
    comment,
    named_event,
)

pytestmark = pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning")

SHORT_S = 0.4
LONGER_S = 2.5
LONG_S = 60.0
KEPT_ALIVE_S = 0.02


def expect_silence(telemetry: CapturedTelemetry, result: StreamResult, provider: ProviderServer) -> None:
    assert isinstance(result.error, LLMSilenceError)
    assert isinstance(result.error, LLMTimeoutError)
    assert result.outcome is Outcome.TIMED_OUT
    assert firsttoken.flush(PATIENCE_S)
    (span,) = telemetry.spans
    assert span["attributes"]["firsttoken.outcome"] == "timed_out"
    assert span["attributes"]["firsttoken.error.category"] == "timeout"
    assert span["attributes"]["error.type"] == "firsttoken.LLMSilenceError"
    (request,) = provider.wait_until_settled()
    assert request.client_disconnected is True


@EVERY_WIRE
def test_a_stream_that_goes_silent_is_closed(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(held(wire, Gate()))

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire, silence_s=SHORT_S))
        with pytest.raises(LLMSilenceError, match=r"said nothing for 0\.4 s after the answer had begun") as raised:
            await drained(colour, stream)
        assert raised.value.__cause__ is None
        assert (raised.value.stage, raised.value.status, raised.value.retryable) == ("mid_stream", 200, True)
        assert await drained(colour, stream) == []
        await colour.leave(stream, raised.value)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert WORDS[0].startswith(result.text)  # A machine under load may be silent before that.
    expect_silence(adapters, result, provider)


@EVERY_WIRE
def test_keep_alives_are_no_progress(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """They come all the time, and for longer than the client's own time limit between two pieces of the body."""
    alive = comment("keep-alive")
    pings = (named_event("ping", {"type": "ping"}), alive) if wire == "messages" else (alive, alive)
    provider.enqueue(RawAnswer(chunks=pings * 2000, delivery=Delivery(each_after=KEPT_ALIVE_S)))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire, silence_s=SHORT_S)
        with pytest.raises(LLMSilenceError):
            await colour.get(stream.read())
        return stream.result

    result = with_client(wire, colour, provider, work, timeout=LONG_S)
    assert (result.text, result.timing.first_token_s) == ("", None)
    expect_silence(adapters, result, provider)


def test_chunks_that_say_nothing_are_no_progress(
    colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """The reader gets each of them, and the error when it has been too long."""
    nothing = Answer(text=("", "") * 2000, delivery=Delivery(each_after=KEPT_ALIVE_S))
    provider.enqueue(nothing)

    async def work(client: Any) -> StreamResult:
        seen: list[Event] = []
        stream = streaming(client, "chat", silence_s=LONGER_S, on_event=seen.append)
        with pytest.raises(LLMSilenceError):
            await drained(colour, stream)
        assert len(seen) > 1
        assert {type(event) for event in seen} == {Other}
        return stream.result

    expect_silence(adapters, with_client("chat", colour, provider, work, timeout=LONG_S), provider)


@pytest.mark.parametrize("colour", ["async", "trio"], indirect=True)
def test_the_wait_for_the_headers_is_limited_where_there_is_a_loop(
    colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """A thread that waits for them cannot be reached: the client's own timeout holds."""
    provider.enqueue(Answer(delivery=Delivery(headers_after=Gate())))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, "chat", silence_s=SHORT_S)
        with pytest.raises(LLMSilenceError, match="before there was an answer to read") as raised:
            await colour.enter(stream)
        assert (raised.value.stage, raised.value.status) == ("headers", None)
        return stream.result

    expect_silence(adapters, with_client("chat", colour, provider, work, timeout=LONG_S), provider)


def test_what_the_reader_takes_for_an_event_is_no_silence(
    colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """A machine that stands still is silent too: what it cut short is tried again."""

    def asked() -> StreamResult:
        gate = Gate()
        provider.enqueue(held("chat", gate))

        async def work(client: Any) -> StreamResult:
            stream = await colour.enter(streaming(client, "chat", silence_s=LONGER_S))
            with contextlib.suppress(LLMSilenceError):
                await first_word(colour, stream)
                await colour.in_thread(lambda: _pass(1.2 * LONGER_S))
                gate.open()
                await drained(colour, stream)
            await colour.leave(stream)
            return stream.result

        return with_client("chat", colour, provider, work)

    results = (asked() for _ in range(TRIES))
    result = next(each for each in results if each.outcome is Outcome.COMPLETED)
    assert result.text == "".join(WORDS)


def _pass(seconds: float) -> None:
    """The reader's own time is what is tested."""
    threading.Event().wait(seconds)


@EVERY_WIRE
def test_a_stream_that_speaks_in_time_is_left_alone(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """As a whole it takes longer than its silence may last."""
    words = tuple(f"{number} " for number in range(40))
    provider.enqueue(Answer(text=words, delivery=Delivery(each_after=KEPT_ALIVE_S)))

    async def work(client: Any) -> StreamResult:
        return await colour.get(streaming(client, wire, silence_s=LONG_S).read())

    assert with_client(wire, colour, provider, work).text == "".join(words)


def test_a_reader_that_is_cancelled_before_it_is_time_is_cancelled(
    adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    program, gate = PROGRAMS["async"], Gate()
    provider.enqueue(held("chat", gate))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, "chat", silence_s=LONG_S)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stream.read)
            await program.in_thread(gate.wait_until_reached)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        return stream.result

    assert with_client("chat", program, provider, work).outcome is Outcome.CANCELLED


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
@pytest.mark.usefixtures("adapters")
def test_a_silence_that_is_no_length_of_time_is_refused(seconds: float, provider: ProviderServer) -> None:
    adapter = StreamAdapter(openai.OpenAI(api_key="k", base_url=provider.openai_base_url))
    with pytest.raises(ValueError, match="silence_s"):
        adapter.stream({"model": "m", "messages": []}, silence_s=seconds)


def test_silence_is_what_the_reader_has_waited_since_the_last_progress() -> None:
    now = [100]
    silence = Silence(50, lambda: now[0])
    word, nothing = TextDelta("a", None), (TextDelta("", None), Other("ping", None))
    assert silence.left_ns() == 50

    silence.begins()
    now[0] += 30
    assert silence.left_ns() == 20
    silence.ends(nothing)
    now[0] += 1000
    assert silence.left_ns() == 20

    silence.begins()
    now[0] += 15
    silence.ends(nothing)
    assert silence.left_ns() == 5

    silence.begins()
    now[0] += 4
    silence.ends((word,))
    assert silence.left_ns() == 50
