"""Whatever a model says, and wherever its stream stops: events and result are the same thing, told in two ways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from installed import needs
from sdk_objects import RESPONSE_EVENT, chat_object, decoded, message_object, response_object

from adapter.compatible import STREAMS
from adapter.over_loopback import WIRES
from adapter.reading import Build, Json, arguments_of, read, text_of
from firsttoken.adapter.events import Event, ReasoningDelta, RefusalDelta, ToolCallComplete, UsageReported
from firsttoken.adapter.wire import Said
from firsttoken.call import Usage
from firsttoken.call.content import Refusal
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.contents import CONTENTS
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_responses import OpenAIResponses
from firsttoken.testing import Answer, ReceivedRequest, ToolCall
from firsttoken.testing.wire import ANTHROPIC, OPENAI, OPENAI_RESPONSES

SERVERS: Final[dict[str, Any]] = {"chat": OPENAI, "responses": OPENAI_RESPONSES, "messages": ANTHROPIC}
READERS: Final[dict[str, Any]] = {"chat": OpenAIChat(), "responses": OpenAIResponses(), "messages": AnthropicMessages()}
FORMS: Final[dict[str, Build]] = {"chat": chat_object, "responses": response_object, "messages": message_object}
EVERY_WIRE = pytest.mark.parametrize(
    "wire", ["chat", pytest.param("responses", marks=needs(RESPONSE_EVENT)), "messages"]
)
MANY = settings(max_examples=60)

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
PIECES = st.lists(TEXTS, max_size=4).map(tuple)
ARGUMENTS = st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(0, 9), st.lists(TEXTS, max_size=2)), max_size=3)


@st.composite
def tool_calls(draw: st.DrawFn) -> tuple[ToolCall, ...]:
    """Each with its arguments in compact JSON, which a whole answer on any wire gives again, cut anywhere."""
    calls: list[ToolCall] = []
    for number in range(draw(st.integers(0, 3))):
        said = json.dumps(draw(ARGUMENTS), ensure_ascii=False, separators=(",", ":"))
        cut = draw(st.integers(0, len(said)))
        calls.append(ToolCall(draw(TEXTS), (said[:cut], said[cut:]), id=f"call-{number}"))
    return tuple(calls)


ANSWERS = st.builds(
    Answer,
    text=PIECES,
    reasoning=PIECES,
    tool_calls=tool_calls(),
    usage=st.none() | st.just(Usage(20, 9, cache_read_tokens=4, cache_write_tokens=0, reasoning_tokens=0)),
    truncated=st.booleans(),
    id=st.just("answer-1"),
    model=st.just("served"),
)


def request() -> ReceivedRequest:
    body = {"model": "m", "stream_options": {"include_usage": True}}
    return ReceivedRequest(number=1, serial="1", method="POST", path="", query="", headers={}, content=b"", body=body)


def streamed(wire: str, answer: Answer) -> list[Json]:
    """The events as the provider server sends them."""
    found: list[Json] = []
    for event in SERVERS[wire].events(answer, request()):
        data = next(line.removeprefix("data: ") for line in event.decode().split("\n") if line.startswith("data: "))
        if data != "[DONE]":
            found.append(json.loads(data))
    return [event for event in found if event.get("type") != "ping"]


def built(wire: str, events: Sequence[Json]) -> list[Any]:
    return [FORMS[wire](event) for event in events]


def _assert_agree(events: Sequence[Event], said: Said) -> None:
    assert said.text == text_of(events)
    assert "".join(part.text for part in said.reasoning) == text_of(events, ReasoningDelta)
    assert "".join(part.text for part in said.parts if isinstance(part, Refusal)) == text_of(events, RefusalDelta)
    given = arguments_of(events)
    assert sorted(given) == [*range(len(given))]
    # What the wire gives as an object, and not as a text in pieces, has no deltas.
    assert all(pieces in ("", call.arguments) for pieces, call in zip(given.values(), said.tool_calls, strict=True))
    done = {event.index: event.arguments for event in events if isinstance(event, ToolCallComplete)}
    assert all(said.tool_calls[index].arguments == arguments for index, arguments in done.items())
    reported = [event.usage for event in events if isinstance(event, UsageReported)]
    assert (reported[-1] if reported else None) == said.usage


@EVERY_WIRE
@MANY
@given(answer=ANSWERS)
def test_an_answer_is_the_same_streamed_and_whole(wire: str, answer: Answer) -> None:
    events, said = read(WIRES[wire], built(wire, streamed(wire, answer)))
    _assert_agree(events, said)
    body = decoded(SERVERS[wire].whole(answer, request()))
    whole = READERS[wire].read_answer(body)
    messages = CONTENTS[WIRES[wire].api].read_answer(body)
    assert (messages[0].parts if messages else ()) == said.parts
    assert (whole.response, whole.usage, whole.finished) == (said.response, said.usage, said.finished)
    assert {event.index for event in events if isinstance(event, ToolCallComplete)} == {*range(len(said.tool_calls))}


@EVERY_WIRE
@MANY
@given(answer=ANSWERS, data=st.data())
def test_a_stream_that_stops_anywhere_has_said_what_its_events_say(
    wire: str, answer: Answer, data: st.DataObject
) -> None:
    events = streamed(wire, answer)
    kept = data.draw(st.integers(0, len(events)), label="events kept")
    told, said = read(WIRES[wire], built(wire, events[:kept]))
    _assert_agree(told, said)
    _, whole = read(WIRES[wire], built(wire, events))
    assert whole.text.startswith(said.text)
    assert [call.name for call in said.tool_calls] == [call.name for call in whole.tool_calls][: len(said.tool_calls)]
    assert said.response.finish_reasons in (None, whole.response.finish_reasons)
    assert said.usage is None or said.usage.partial or said.usage == whole.usage


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.server)
@pytest.mark.parametrize("form", ["object", "dict"])
def test_what_is_said_so_far_can_be_asked_for_after_every_event(stream: Any, form: str) -> None:
    build = decoded if form == "dict" else FORMS[stream.wire]
    reader, told = WIRES[stream.wire].reader(()), []
    for event in stream.events:
        told += reader.read(build(event))
        said = reader.said()
        assert said == reader.said()
        assert said.text == text_of(told)
        assert "".join(part.text for part in said.reasoning) == text_of(told, ReasoningDelta)
        reported = [event.usage for event in told if isinstance(event, UsageReported)]
        assert (reported[-1] if reported else None) == said.usage
    assert stream.said == reader.said()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "{", "\ud83d"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "index", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places_in(item, (*path, key)))]


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = with_value(value[path[0]], path[1:], new)
    return copy


RICH: Final = Answer(
    text=("a", "b"), reasoning=("c",), tool_calls=(ToolCall("f", ("{", "}")), ToolCall("g")), usage=Usage(20, 9)
)
WILD: Final = {
    wire: [streamed(wire, RICH), *(list(stream.events) for stream in STREAMS if stream.wire == wire)] for wire in WIRES
}


@EVERY_WIRE
@pytest.mark.parametrize("form", ["object", "dict"])
@settings(max_examples=300)
@given(data=st.data())
def test_no_stream_however_broken_makes_a_reader_raise(wire: str, form: str, data: st.DataObject) -> None:
    events = list(data.draw(st.sampled_from(WILD[wire])))
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(events) - 1))
        path = data.draw(st.sampled_from(places_in(events[number])))
        events[number] = with_value(events[number], path, data.draw(JSON))
    reader = WIRES[wire].reader(["f"])
    for event in events:
        chunk = event if form == "dict" else FORMS[wire](event)
        assert all(found.chunk is chunk for found in reader.read(chunk))
        reader.said()
