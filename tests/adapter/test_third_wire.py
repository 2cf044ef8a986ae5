"""A wire from outside the package: it streams, ends and is recorded as those of our own are."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest
from observe.program import Program
from observing import observe
from opentelemetry import trace
from patience import PATIENCE_S

import firsttoken
from adapter.adapting import drained
from adapter.third_wire import AsyncPirateClient, Line, PirateClient, PirateReader, PirateWire
from firsttoken.adapter import (
    Ask,
    AskMessage,
    AskTool,
    Event,
    Finished,
    Other,
    StreamAdapter,
    TextDelta,
    ToolCallComplete,
    ToolCallStarted,
    register_wire,
    registry,
)
from firsttoken.call import Outcome
from firsttoken.errors import LLMConnectionError, LLMError, LLMOverloadedError, LLMUnsupportedClientError
from firsttoken.guard import troubles
from firsttoken.testing import CapturedSpan, CapturedTelemetry

LINES: Sequence[Line] = (
    {"ahoy": True},
    {"arr": "Avast"},
    {"arr": " ye"},
    {"order": "board", "args": {"ship": "Pinta"}},
    {"farewell": "anchored", "doubloons": 7},
)
ASK = {"model": "captain", "shout": ["Ahoy"]}


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    before = list(registry._wires)
    register_wire(PirateWire())
    yield
    registry._wires[:] = before


def client_of(program: Program, *lines: Line | BaseException) -> PirateClient:
    return (PirateClient if program.name == "sync" else AsyncPirateClient)(lines)


def recorded(telemetry: CapturedTelemetry) -> CapturedSpan:
    assert firsttoken.flush(PATIENCE_S)
    (span,) = telemetry.spans
    return span


def test_it_streams_and_is_recorded(colour: Program, adapters: CapturedTelemetry) -> None:
    client = client_of(colour, *LINES)

    async def work() -> Any:
        stream = await colour.enter(StreamAdapter(client).stream(ASK, needs_approval=["board"]))
        assert trace.get_current_span() is trace.INVALID_SPAN
        events = await drained(colour, stream)
        await colour.leave(stream)
        return events, stream.result

    events, result = colour.run(work())
    assert events[1:] == [
        TextDelta("Avast", None),
        TextDelta(" ye", None),
        ToolCallStarted(0, None, "board", needs_approval=True, chunk=None),
        ToolCallComplete(0, None, "board", '{"ship": "Pinta"}', valid_json=True, needs_approval=True, chunk=None),
        Finished("anchored", None),
    ]
    assert [event.chunk for event in events if not isinstance(event, ToolCallStarted)] == list(LINES)
    assert (result.text, result.finish_reason, result.outcome) == ("Avast ye", "anchored", Outcome.COMPLETED)
    span = recorded(adapters)
    assert (span["name"], span["span_id"], span["trace_id"]) == ("chat captain", result.span_id, result.trace_id)
    told = {
        "firsttoken.api": "pirate.talk",
        "firsttoken.outcome": "completed",
        "gen_ai.provider.name": "api.pirate.example",
        "gen_ai.request.model": "captain",
        "gen_ai.response.model": "captain-2",
        "gen_ai.response.id": "voyage-1",
        "gen_ai.response.finish_reasons": ("anchored",),
        "gen_ai.usage.output_tokens": 7,
        "server.address": "api.pirate.example",
        "server.port": 8443,
    }
    assert {name: span["attributes"].get(name) for name in told} == told
    assert {"gen_ai.response.time_to_first_chunk", "firsttoken.time_to_first_token"} <= span["attributes"].keys()
    assert client.streams[0].closed


def test_its_span_is_current_while_it_sends(adapters: CapturedTelemetry) -> None:
    seen: list[int] = []

    class Looking(PirateClient):
        def talk(self, **request: Any) -> Any:
            seen.append(trace.get_current_span().get_span_context().span_id)
            return super().talk(**request)

    StreamAdapter(Looking(LINES)).stream(ASK).read()
    assert [f"{span_id:016x}" for span_id in seen] == [recorded(adapters)["span_id"]]


@pytest.mark.parametrize("kind", [ConnectionResetError, TimeoutError, ZeroDivisionError])
def test_what_its_stream_raises_is_an_error_of_the_common_tree(
    kind: type[Exception], colour: Program, adapters: CapturedTelemetry
) -> None:
    broken = kind("no")

    async def work() -> Any:
        stream = StreamAdapter(client_of(colour, *LINES[:2], broken)).stream(ASK)
        with pytest.raises(LLMError) as raised:
            await drained(colour, stream)
        assert raised.value.__cause__ is broken
        assert raised.value.provider == "api.pirate.example"
        return stream.result

    result = colour.run(work())
    assert result.text == "Avast"
    span = recorded(adapters)["attributes"]
    assert span["firsttoken.outcome"] == result.outcome.value
    assert span["firsttoken.error.category"] == result.error.category


@pytest.mark.parametrize("kind", [ConnectionRefusedError, KeyboardInterrupt])
def test_what_its_send_raises_is_recorded(
    kind: type[BaseException], colour: Program, adapters: CapturedTelemetry
) -> None:
    async def work() -> Any:
        stream = StreamAdapter(client_of(colour, kind())).stream(ASK)
        with pytest.raises(LLMConnectionError if kind is ConnectionRefusedError else kind):
            await colour.enter(stream)
        return stream.result

    result = colour.run(work())
    assert recorded(adapters)["attributes"]["firsttoken.outcome"] == result.outcome.value
    assert result.outcome is (Outcome.FAILED if kind is ConnectionRefusedError else Outcome.CANCELLED)


def test_an_answer_of_its_that_says_it_failed_is_an_error(colour: Program, adapters: CapturedTelemetry) -> None:
    async def work() -> Any:
        stream = StreamAdapter(client_of(colour, *LINES[:2], {"mutiny": "The crew is busy"})).stream(ASK)
        with pytest.raises(LLMOverloadedError) as raised:
            await drained(colour, stream)
        assert raised.value.__cause__ is None
        return stream.result

    assert colour.run(work()).outcome is Outcome.FAILED
    assert recorded(adapters)["attributes"]["firsttoken.error.category"] == "overloaded"


def test_one_that_just_stops_is_cut_short(colour: Program, adapters: CapturedTelemetry) -> None:
    async def work() -> Any:
        stream = StreamAdapter(client_of(colour, *LINES[:2])).stream(ASK)
        with pytest.raises(LLMConnectionError):
            await drained(colour, stream)
        return stream.result

    assert colour.run(work()).text == "Avast"
    assert recorded(adapters)["attributes"]["error.type"] == "incomplete_stream"


def test_one_that_is_left_early_is_closed(colour: Program, adapters: CapturedTelemetry) -> None:
    client = client_of(colour, *LINES)

    async def work() -> Any:
        stream = await colour.enter(StreamAdapter(client).stream(ASK))
        await colour.next(stream)
        await colour.leave(stream)
        return stream.result

    assert colour.run(work()).outcome is Outcome.CLOSED
    assert client.streams[0].closed
    assert recorded(adapters)["attributes"]["firsttoken.outcome"] == "closed"


@pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning")  # trio says so
def test_one_that_is_dropped_is_abandoned(colour: Program, adapters: CapturedTelemetry) -> None:
    async def work() -> None:
        stream = StreamAdapter(client_of(colour, *LINES)).stream(ASK)
        await colour.next(stream)
        del stream
        gc.collect()

    colour.run(work())
    assert recorded(adapters)["attributes"]["firsttoken.outcome"] == "abandoned"


def test_what_an_ask_cannot_say_on_it_is_told_before_anything_is_sent(adapters: CapturedTelemetry) -> None:
    client = PirateClient(LINES)
    asks = [AskMessage("user", "Ahoy")]
    StreamAdapter(client).stream(Ask("captain", asks)).read()
    with pytest.raises(ValueError, match="leave them out"):
        StreamAdapter(client).stream(Ask("captain", asks, tools=[AskTool("board")]))
    assert client.asked == [ASK]


@pytest.mark.parametrize("api", [None, "pirate.talk", "pirate.sing"])
def test_a_client_that_no_wire_fits_is_told_so_and_is_a_failed_call(
    api: str | None, adapters: CapturedTelemetry
) -> None:
    wanted = {
        None: r"no wire speaks through a builtins\.dict: take a client of openai or anthropic",
        "pirate.talk": r"pirate\.talk cannot be spoken through a builtins\.dict",
        "pirate.sing": r"there is no wire called 'pirate\.sing': choose from pirate\.talk, openai\.chat_completions",
    }
    with pytest.raises(LLMUnsupportedClientError, match=wanted[api]):
        StreamAdapter({}, api=api).stream(ASK)
    span = recorded(adapters)
    assert (span["name"], span["status"]) == ("chat captain", "ERROR")
    told = {"firsttoken.outcome": "failed", "error.type": "firsttoken.LLMUnsupportedClientError"}
    assert {name: span["attributes"][name] for name in told} == told


def test_one_takes_the_place_of_another_of_its_name(adapters: CapturedTelemetry) -> None:
    class Mute(PirateWire):
        def fits(self, client: Any) -> bool:
            return False

    register_wire(Mute())
    with pytest.raises(LLMUnsupportedClientError):
        StreamAdapter(PirateClient(LINES)).stream(ASK)
    assert registry.known_apis().count("pirate.talk") == 1


def test_that_its_reader_cannot_say_what_was_said_is_no_failure_of_the_call(
    telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Any:
        raise KeyError("a bug of the wire's")

    monkeypatch.setattr(PirateReader, "said", fail)
    observe(telemetry)
    try:
        stream = StreamAdapter(PirateClient(LINES)).stream(ASK, raise_on_empty=True)
        assert TextDelta("Avast", None) in list(stream)
        assert recorded(telemetry)["attributes"]["firsttoken.outcome"] == "completed"
    finally:
        firsttoken.uninstrument()
    assert (stream.result.outcome, stream.result.text) == (Outcome.COMPLETED, "")


def test_a_reader_that_fails_costs_the_events_of_that_chunk_and_not_the_chunk(
    colour: Program, adapters: CapturedTelemetry
) -> None:
    class Confused(PirateReader):
        def read(self, chunk: Line) -> Sequence[Event]:
            if chunk == LINES[2]:
                raise RecursionError
            return super().read(chunk)

    class ConfusedWire(PirateWire):
        def reader(self, needing_approval: Collection[str]) -> Confused:
            return Confused(needing_approval)

    register_wire(ConfusedWire())

    async def work() -> list[Event]:
        return await drained(colour, StreamAdapter(client_of(colour, *LINES)).stream(ASK))

    (unread,) = (event for event in colour.run(work()) if isinstance(event, Other) and event.kind == "unreadable")
    assert unread.chunk is LINES[2]
    assert troubles.pop("read a chunk") == 1
