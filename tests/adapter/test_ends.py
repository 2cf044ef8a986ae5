"""However a stream ends: what was seen is in its result, the provider's stream is closed, and one call is recorded."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from observe.program import DONE, PROGRAMS, Program
from observe.waiting import interrupt_when_it_waits, until_it_waits
from patience import PATIENCE_S

import firsttoken
from adapter.adapting import (
    BEFORE_THE_SECOND_WORD,
    EVERY_WIRE,
    WORDS,
    drained,
    first_word,
    held,
    streaming,
    with_client,
)
from adapter.over_loopback import SDKS
from firsttoken import errors
from firsttoken.adapter import StreamResult
from firsttoken.call import Outcome
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Cut,
    Delivery,
    ErrorAnswer,
    Gate,
    NoAnswer,
    ProviderServer,
)

pytestmark = [
    EVERY_WIRE,
    # What the SDKs do on trio with a stream that is not read to the end of its body.
    pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning"),
]


class ConsumerError(Exception):
    """Raised by the program itself, between two events."""


def recorded(telemetry: CapturedTelemetry) -> dict[str, Any]:
    """The one call that there is."""
    assert firsttoken.flush(PATIENCE_S)
    (span,) = telemetry.spans
    return {**span["attributes"], "trace_id": span["trace_id"], "span_id": span["span_id"]}


def is_told_alike(result: StreamResult, telemetry: CapturedTelemetry, outcome: Outcome) -> None:
    """By the result and by the call's span."""
    call = recorded(telemetry)
    assert result.outcome is outcome
    assert (call["firsttoken.outcome"], call["trace_id"], call["span_id"]) == (
        outcome.value,
        result.trace_id,
        result.span_id,
    )
    assert result.timing.duration_s is not None
    assert result.requested_model == "m"


def was_closed(server: ProviderServer) -> bool:
    """Whether the client left before it had everything."""
    (request,) = server.wait_until_settled()
    return request.client_disconnected is True


@pytest.mark.parametrize("way", ["with", "bare", "read", "read in with"])
def test_a_stream_that_is_read_to_its_end_completes(
    wire: str, way: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(Answer(text=WORDS))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        if "with" in way:
            assert await colour.enter(stream) is stream
        if "read" in way:
            whole = await colour.get(stream.read())
            assert whole == stream.result
        else:
            await drained(colour, stream)
        if "with" in way:
            await colour.leave(stream)
        assert await drained(colour, stream) == []
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert result.text == "".join(WORDS)
    assert result.error is None
    is_told_alike(result, adapters, Outcome.COMPLETED)


@pytest.mark.parametrize("way", ["with", "close", "consumer raises"])
def test_leaving_a_stream_early_closes_it_with_what_was_seen(
    wire: str, way: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))
    error = ConsumerError() if way == "consumer raises" else None

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire))
        await first_word(colour, stream)
        await (colour.close(stream) if way == "close" else colour.leave(stream, error))
        await colour.in_thread(lambda: was_closed(provider))
        assert await drained(colour, stream) == []
        await colour.leave(stream)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert (result.text, result.error) == (WORDS[0], None)
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CLOSED)


def test_a_stream_closed_before_its_first_chunk_says_nothing(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(Answer(text=WORDS, delivery=Delivery(first_after=gate)))

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire))
        await colour.close(stream)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert (result.text, result.usage, result.finish_reason) == ("", None, None)
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CLOSED)


def test_a_stream_that_nobody_enters_sends_nothing_and_is_no_call(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        assert stream.result.outcome is None
        await colour.close(stream)
        assert await drained(colour, stream) == []
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert (result.outcome, result.trace_id, result.timing.duration_s) == (Outcome.CLOSED, None, None)
    assert firsttoken.flush(PATIENCE_S)
    assert (len(provider.requests), adapters.spans) == (0, [])


def test_a_stream_that_is_dropped_is_abandoned(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))

    async def work(client: Any) -> None:
        stream = await colour.enter(streaming(client, wire))
        await first_word(colour, stream)
        del stream
        gc.collect()
        await colour.in_thread(firsttoken.flush)

    with_client(wire, colour, provider, work)
    assert recorded(adapters)["firsttoken.outcome"] == "abandoned"


@pytest.mark.parametrize("where", ["while it waits", "while it has an event"])
def test_a_cancelled_reader_gets_its_cancelling_untouched_and_closes_the_stream(
    wire: str, where: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))
    if colour.name == "sync":
        cancelled: Callable[..., Awaitable[StreamResult]] = _interrupted
    else:
        cancelled = _cancelled
    result = with_client(wire, colour, provider, lambda client: cancelled(colour, client, wire, where, gate))
    assert result.text == WORDS[0]
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CANCELLED)


async def _interrupted(program: Program, client: Any, wire: str, where: str, gate: Gate) -> StreamResult:
    """By Ctrl-C."""
    stream = await program.enter(streaming(client, wire))
    await first_word(program, stream)
    given = KeyboardInterrupt()
    if where == "while it waits":
        interrupt_when_it_waits(gate)
        with pytest.raises(KeyboardInterrupt) as raised:
            await drained(program, stream)
        given = raised.value
    assert (type(given), given.__cause__) == (KeyboardInterrupt, None)
    await program.leave(stream, given)
    return stream.result


async def _cancelled(program: Program, client: Any, wire: str, where: str, gate: Gate) -> StreamResult:
    """By its task group, which asyncio and trio raise their own exceptions for."""
    stream = streaming(client, wire)
    seen: list[BaseException] = []

    async def read() -> None:
        try:
            async with stream:
                await first_word(program, stream)
                if where == "while it has an event":
                    await anyio.sleep_forever()
                await drained(program, stream)
        except BaseException as error:
            seen.append(error)
            raise

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        await program.in_thread(gate.wait_until_reached)
        while stream.result.timing.first_token_s is None:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert [type(error) for error in seen] == [anyio.get_cancelled_exc_class()]
    return stream.result


def test_a_task_that_is_cancelled_by_asyncio_itself_is_cancelled(
    wire: str, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    program, gate = PROGRAMS["async"], Gate()
    provider.enqueue(held(wire, gate))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        await first_word(program, stream)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(drained(program, stream), 0.05)
        return stream.result

    result = with_client(wire, program, provider, work)
    assert result.text == WORDS[0]
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CANCELLED)


def test_a_send_that_is_cancelled_is_a_cancelled_call(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(Answer(delivery=Delivery(headers_after=gate)))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        if colour.name == "sync":
            interrupt_when_it_waits(gate)
            with pytest.raises(KeyboardInterrupt):
                await colour.enter(stream)
            return stream.result
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(colour.enter, stream)
            await colour.in_thread(gate.wait_until_reached)
            tasks.cancel_scope.cancel()
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CANCELLED)


def test_a_stream_can_be_closed_while_somebody_waits_for_it(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    """The reader then comes to an end without an error."""
    gate = Gate()
    provider.enqueue(held(wire, gate))

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire))
        await first_word(colour, stream)
        if colour.name == "sync":
            left: list[Any] = [None]

            def read() -> None:
                left[:] = list(stream)

            reader = threading.Thread(target=read)
            reader.start()
            gate.wait_until_reached()
            until_it_waits(reader)
            stream.close()
            reader.join(30)
            assert (reader.is_alive(), left) == (False, [])
            return stream.result
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(drained, colour, stream)
            await colour.in_thread(gate.wait_until_reached)
            await anyio.wait_all_tasks_blocked()
            await stream.aclose()
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert result.text == WORDS[0]
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.CLOSED)


@pytest.mark.parametrize("way", ["with", "bare"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, errors.LLMRateLimitError), (401, errors.LLMAuthenticationError), (529, errors.LLMOverloadedError)],
)
def test_a_refusal_is_one_error_of_the_common_tree(
    wire: str, way: str, status: int, kind: type[Exception], colour: Program, adapters: Any, provider: ProviderServer
) -> None:
    provider.enqueue(ErrorAnswer(status=status))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        with pytest.raises(kind) as raised:
            await (colour.enter(stream) if way == "with" else colour.next(stream))
        assert type(raised.value.__cause__).__module__.partition(".")[0] == SDKS[wire]
        assert raised.value is stream.result.error
        assert await drained(colour, stream) == []
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert isinstance(result.error, errors.LLMError)
    request_id = f"req_{provider.requests[0].serial}"
    assert (result.error.status, result.error.request_id) == (status, request_id)
    assert (result.response.status_code, result.response.request_id) == (status, request_id)
    is_told_alike(result, adapters, Outcome.FAILED)
    assert recorded(adapters)["firsttoken.error.category"] == result.error.category


@pytest.mark.parametrize("what", ["error event", "reset", "closed", "cut short"])
def test_what_goes_wrong_in_mid_stream_is_raised_with_what_was_seen(
    wire: str, what: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    before = BEFORE_THE_SECOND_WORD[wire]
    stopping = {"reset": Cut.RESET, "closed": Cut.CLOSE, "cut short": Cut.END}
    gate = Gate()
    provider.enqueue(
        Answer(text=WORDS, error=ErrorAnswer(status=500), error_after=before)
        if what == "error event"
        else Answer(text=WORDS, delivery=Delivery(stop_after=before, stop_by=stopping[what], before={before: gate}))
    )

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire))
        await first_word(colour, stream)
        gate.open()
        with pytest.raises(errors.LLMError) as raised:
            await drained(colour, stream)
        assert raised.value is stream.result.error
        assert raised.value.stage == "mid_stream"
        assert await drained(colour, stream) == []
        await colour.leave(stream, raised.value)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert result.text == WORDS[0]
    assert isinstance(result.error, errors.LLMServerError if what == "error event" else errors.LLMConnectionError)
    is_told_alike(result, adapters, Outcome.FAILED)
    assert recorded(adapters)["firsttoken.error.category"] == result.error.category


def test_no_answer_at_all_is_a_lost_connection(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(NoAnswer())

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        with pytest.raises(errors.LLMConnectionError):
            await colour.get(stream.read())
        return stream.result

    is_told_alike(with_client(wire, colour, provider, work), adapters, Outcome.FAILED)


def test_the_clients_own_time_limit_is_a_timeout(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        with pytest.raises(errors.LLMTimeoutError) as raised:
            await colour.get(stream.read())
        assert not isinstance(raised.value, errors.LLMSilenceError)
        return stream.result

    result = with_client(wire, colour, provider, work, timeout=0.3)
    assert was_closed(provider)
    is_told_alike(result, adapters, Outcome.TIMED_OUT)


def test_an_answer_with_nothing_in_it_completes(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(Answer())

    async def work(client: Any) -> StreamResult:
        return await colour.get(streaming(client, wire).read())

    result = with_client(wire, colour, provider, work)
    assert (result.text, result.error) == ("", None)
    is_told_alike(result, adapters, Outcome.COMPLETED)


@pytest.mark.parametrize("answer", [Answer(), Answer(reasoning=("Hm",))], ids=["nothing", "only reasoning"])
def test_an_answer_with_nothing_in_it_is_an_error_for_those_who_ask(
    wire: str, answer: Answer, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(answer)

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire, raise_on_empty=True)
        with pytest.raises(errors.LLMEmptyResponseError):
            await drained(colour, stream)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert isinstance(result.error, errors.LLMEmptyResponseError)
    is_told_alike(result, adapters, Outcome.COMPLETED)


def test_a_second_reader_is_told_so_and_the_stream_goes_on(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))

    async def disturb(stream: Any) -> None:
        with pytest.raises(RuntimeError, match="one reader at a time"):
            await colour.next(stream)
        gate.open()

    async def work(client: Any) -> StreamResult:
        stream = await colour.enter(streaming(client, wire))
        await first_word(colour, stream)
        if colour.name == "sync":
            reader = threading.Thread(target=stream.read)
            reader.start()
            gate.wait_until_reached()
            until_it_waits(reader)
            await disturb(stream)
            reader.join(30)
            return stream.result
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stream.read)
            await colour.in_thread(gate.wait_until_reached)
            await anyio.wait_all_tasks_blocked()
            await disturb(stream)
        return stream.result

    result = with_client(wire, colour, provider, work)
    assert result.text == "".join(WORDS)
    is_told_alike(result, adapters, Outcome.COMPLETED)


def test_two_readers_in_turn_share_one_stream(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(Answer(text=WORDS))

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, wire)
        one, other = colour.iterate(stream), colour.iterate(stream)
        while await colour.next(one) is not DONE and await colour.next(other) is not DONE:
            pass
        return stream.result

    is_told_alike(with_client(wire, colour, provider, work), adapters, Outcome.COMPLETED)
