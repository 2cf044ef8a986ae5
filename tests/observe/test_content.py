"""Content that was asked for is what the server got and sent, verbatim; the caller notices nothing of its capture."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.call.content import Content, Message, Reasoning, Text, ToolCall
from firsttoken.guard import troubles
from firsttoken.semconv.read_messages import read_content
from firsttoken.settings import CAPTURE_CONTENT
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Cut,
    Delivery,
    ErrorAnswer,
    ProviderServer,
    RawAnswer,
    data_event,
    text_answer,
)
from firsttoken.testing import (
    ToolCall as SentCall,
)
from firsttoken.testing.script import Reply
from observe.asking import opened, read, streamed, using, whole
from observe.program import Program
from observe.surfaces import MESSAGES, REQUESTS, STREAMS, WHOLE, Surface, resource
from observe.test_inputs import ODD, seen_of
from observe.ways import Opened

Instrumented = Callable[..., AbstractContextManager[None]]

BOTH: Final = Settings(capture_content="SPAN_AND_EVENT")
WEATHER: Final = text_answer('{"city": "Zü', 'rich \\n😀"', ', "days": 3}')
SAID: Final = "".join(WEATHER.text)
ASKED: Final = (Message("user", (Text("Say something."),)),)
SIGNATURE: Final = "EqQBCgIYAhIkZmlyc3R0b2tlbi5zeW50aGV0aWMuc2lnbmF0dXJl"
"""What the kit signs thinking with."""


def of_span(telemetry: CapturedTelemetry) -> Content:
    """The content of the one call, where its span and its event say the same."""
    (span,) = telemetry.spans
    details = next(log for log in telemetry.logs if log["severity"] == "DEBUG")
    content = read_content(span["attributes"])
    assert content is not None
    assert content == read_content(details["attributes"])
    return content


WITH_CONTENT: Final = [
    surface
    for surface in (*STREAMS, *WHOLE)
    if not surface.name.startswith("completions") and "retrieve" not in surface.name
]
"""Legacy Completions and fetched responses are recorded without what was said."""


@pytest.mark.parametrize("surface", WITH_CONTENT, ids=lambda surface: surface.name)
def test_every_surface_tells_what_was_asked_and_answered(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        answer = await surface.ask(program, client)
        if isinstance(answer, Opened):
            await read(program, answer.stream)

    with ProviderServer(lambda request: WEATHER) as server, instrumented(BOTH):
        using(program, surface.sdk, server, work)
    assert Content(input=ASKED, output=(Message("assistant", (Text(SAID),)),)) == of_span(telemetry)


@pytest.mark.parametrize("ask", [streamed, whole])
def test_reasoning_text_and_parallel_tool_calls_are_told_in_their_order(
    ask: Any,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    calls = (
        SentCall("wetter", ('{"ort":"Zü', 'rich","tage":3}'), id="call_1"),
        SentCall("zeit", ('{"zone":', '"CET"}'), id="call_2"),
    )
    server.enqueue(Answer(reasoning=("Hm", ", so."), text=("Let", " me look."), tool_calls=calls))
    with instrumented(BOTH):
        using(program, sdk, server, lambda client: ask(program, client))
    expected = (
        Reasoning("Hm, so.", signature=SIGNATURE if sdk == "anthropic" else None),
        Text("Let me look."),
        ToolCall("wetter", '{"ort":"Zürich","tage":3}', valid_json=True, id="call_1"),
        ToolCall("zeit", '{"zone":"CET"}', valid_json=True, id="call_2"),
    )
    assert (Message("assistant", expected),) == of_span(telemetry).output


def test_arguments_that_are_no_json_are_told_as_they_came_and_marked(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(Answer(tool_calls=(SentCall("f", ('{"a": 1', ", 'b'"), id="call_1"),)))
    with instrumented(BOTH):
        using(program, sdk, server, lambda client: streamed(program, client))
    expected = ToolCall("f", "{\"a\": 1, 'b'", valid_json=False, id="call_1")
    assert (Message("assistant", (expected,)),) == of_span(telemetry).output


def test_tool_calls_whose_pieces_come_interleaved_are_kept_apart(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    def delta(*calls: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": reason}
        return data_event(
            {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        )

    def piece(index: int, text: str, **opening: Any) -> dict[str, Any]:
        named = {"name": opening.pop("name")} if opening else {}
        return {"index": index, **opening, "function": {**named, "arguments": text}}

    chunks = (
        delta(piece(1, "", id="call_b", type="function", name="g")),
        delta(piece(0, "{", id="call_a", type="function", name="f"), piece(1, "[")),
        delta(piece(1, "2"), piece(0, '"a":')),
        delta(piece(0, "1}")),
        delta(piece(1, "]"), reason="tool_calls"),
        data_event("[DONE]"),
    )
    with ProviderServer(lambda request: RawAnswer(chunks=chunks)) as server, instrumented(BOTH):
        using(program, "openai", server, lambda client: streamed(program, client))
    expected = (
        ToolCall("g", "[2]", valid_json=True, id="call_b"),
        ToolCall("f", '{"a":1}', valid_json=True, id="call_a"),
    )
    assert (Message("assistant", expected),) == of_span(telemetry).output


@pytest.mark.parametrize("stop_by", Cut)
def test_what_a_stream_said_before_it_was_cut_is_kept(
    stop_by: Cut,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    server.enqueue(Answer(text=tuple("abcdef"), delivery=Delivery(stop_after=6, stop_by=stop_by)))

    async def work(client: Any) -> None:
        try:
            await streamed(program, client)
        except Exception:  # noqa: BLE001  that of the cut
            return

    with instrumented(BOTH):
        using(program, sdk, server, work)
    ((message,), text) = (of_span(telemetry).output, "abcdef")
    (part,) = message.parts
    assert isinstance(part, Text)
    assert part.text
    assert text.startswith(part.text)


def test_what_was_read_of_a_stream_that_is_left_is_kept(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(Answer(text=("one", "two", "three", "four", "five", "six")))

    async def work(client: Any) -> None:
        stream = await opened(program, client)
        iterator = program.iterate(stream)
        for _ in range({"openai": 3, "anthropic": 4}[sdk]):
            await program.next(iterator)
        await program.close(stream)

    with instrumented(BOTH):
        using(program, sdk, server, work)
    assert (Message("assistant", (Text("onetwo"),)),) == of_span(telemetry).output


def test_a_call_that_failed_tells_what_was_asked(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(ErrorAnswer(status=400))
    with instrumented(BOTH), pytest.raises(Exception, match="400"):
        using(program, sdk, server, lambda client: whole(program, client))
    content = of_span(telemetry)
    assert (content.input, content.output) == (ASKED, ())
    (exception,) = (log for log in telemetry.logs if log["severity"] == "WARN")
    assert not [name for name in exception["attributes"] if "messages" in name]


def test_every_choice_is_a_message(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(Answer(text=("a", "b")))
    with instrumented(BOTH):
        using(program, "openai", server, lambda client: streamed(program, client, n=3))
    assert (Message("assistant", (Text("ab"),)),) * 3 == of_span(telemetry).output


def test_messages_that_change_while_the_answer_comes_are_told_as_they_were_sent(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    history: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "Say something."}]}]

    async def work(client: Any) -> None:
        stream = await program.get(resource(client).create(**REQUESTS[sdk] | {"messages": history}, stream=True))
        history[0]["content"][0]["text"] = "changed"
        history.append({"role": "user", "content": "added"})
        await read(program, stream)

    with instrumented(BOTH):
        using(program, sdk, server, work)
    assert of_span(telemetry).input == ASKED


@pytest.mark.parametrize("ask", [streamed, whole])
def test_answers_that_are_sent_back_as_objects_of_the_sdk_are_read(
    ask: Any,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    sent = SentCall("f", ('{"a":1}',), id="call_1")
    server.enqueue(Answer(text=("Look:",), tool_calls=(sent,)), Answer(text=("Done.",)))

    async def work(client: Any) -> None:
        answer = await whole(program, client)
        said = answer.choices[0].message if sdk == "openai" else {"role": "assistant", "content": answer.content}
        request = REQUESTS[sdk] | {"messages": [*MESSAGES, said]}
        second = await program.get(resource(client).create(**request, stream=ask is streamed))
        if ask is streamed:
            await read(program, second)

    with instrumented(BOTH):
        using(program, sdk, server, work)
    told = read_content(telemetry.spans[1]["attributes"])
    assert told is not None
    expected = Message("assistant", (Text("Look:"), ToolCall("f", '{"a":1}', valid_json=True, id="call_1")))
    assert (*ASKED, expected) == told.input


def test_a_generator_of_messages_is_left_to_the_sdk(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    def once() -> Iterator[Any]:
        yield from MESSAGES

    async def work(client: Any) -> None:
        await program.get(resource(client).create(**REQUESTS[sdk] | {"messages": once()}))

    with instrumented(BOTH):
        server.enqueue(WEATHER)
        using(program, sdk, server, work)
    assert server.requests[0].body["messages"] == MESSAGES
    content = of_span(telemetry)
    assert content.input in (None, ASKED)
    assert (Message("assistant", (Text(SAID),)),) == content.output


class Odd(str):
    """A text whose class gives wrong answers."""

    __slots__ = ()

    def __len__(self) -> int:
        raise TypeError

    def __str__(self) -> str:
        raise TypeError


def test_a_text_of_a_class_of_the_callers_is_told_as_the_text_that_it_is(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    messages = [{"role": "user", "content": Odd("Hi")}]

    async def work(client: Any) -> None:
        await program.get(resource(client).create(**REQUESTS[sdk] | {"messages": messages}))

    with instrumented(Settings(capture_content="SPAN_AND_EVENT", trace_content="full")):
        using(program, sdk, server, work)
    (message,) = of_span(telemetry).input or ()
    assert message == Message("user", (Text("Hi"),))
    assert not troubles["measure what was said"]


def test_a_value_that_holds_itself_twice_is_told_as_such_and_fails_as_with_the_bare_sdk(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    tools: list[Any] = []
    tools += [tools, tools]

    async def work(client: Any) -> None:
        with pytest.raises(ValueError, match="Circular"):
            await program.get(resource(client).create(**REQUESTS[sdk] | {"messages": MESSAGES, "tools": tools}))

    with instrumented(Settings(capture_content="SPAN_ONLY", trace_content="full")):
        using(program, sdk, server, work)
    (trace,) = telemetry.provider_traces
    assert isinstance(trace.request_body, dict)
    assert "[cycle]" in repr(trace.request_body["tools"])


def test_what_extra_body_adds_or_replaces_is_not_told(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    extra = {"messages": [{"role": "user", "content": "hidden-body"}], "note": "hidden-body"}
    with instrumented(BOTH):
        using(program, sdk, server, lambda client: whole(program, client, extra_body=extra))
    assert server.requests[0].body["messages"] == extra["messages"]
    assert "hidden-body" not in repr([telemetry.spans, telemetry.logs])
    assert of_span(telemetry).input is None


@pytest.mark.parametrize(
    ("capture", "on_span", "on_event"),
    [
        ("NO_CONTENT", False, False),
        ("SPAN_ONLY", True, False),
        ("EVENT_ONLY", False, True),
    ],
)
def test_content_is_where_it_was_asked_for(
    capture: Any,
    on_span: bool,
    on_event: bool,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    with instrumented(Settings(capture_content=capture)):
        using(program, sdk, server, lambda client: streamed(program, client))
    (span,), (event,) = telemetry.spans, telemetry.logs
    told = tuple(read_content(carrier["attributes"]) is not None for carrier in (span, event))
    assert (on_span, on_event) == told


def test_a_span_carries_json_text_and_an_event_structured_values(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented(BOTH):
        using(program, sdk, server, lambda client: streamed(program, client))
    (span,), (event,) = telemetry.spans, telemetry.logs
    on_span, on_event = (carrier["attributes"]["gen_ai.input.messages"] for carrier in (span, event))
    assert isinstance(on_span, str)
    assert json.loads(on_span) == json.loads(json.dumps(on_event))


def test_a_call_that_is_not_sampled_still_has_its_event(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    firsttoken.instrument(
        BOTH,
        tracer_provider=TracerProvider(ALWAYS_OFF, shutdown_on_exit=False),
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    try:
        using(program, "openai", server, lambda client: streamed(program, client))
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    (event,) = telemetry.logs
    content = read_content(event["attributes"])
    assert content is not None
    assert content.input == ASKED


def test_every_text_is_redacted_before_it_is_cut(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    call = SentCall("f", ('{"key":"s3cret"}',), id="call_1")
    server.enqueue(Answer(reasoning=("s3cret thought",), text=("the s3", "cret"), tool_calls=(call,)))
    settings = Settings(
        capture_content="SPAN_AND_EVENT", redact=lambda text: text.replace("s3cret", "***"), content_limit_bytes=500
    )
    asking = {"messages": [{"role": "user", "content": "s3cret " * 1000}]}

    async def work(client: Any) -> None:
        stream = await program.get(resource(client).create(**REQUESTS[sdk] | asking, stream=True))
        await read(program, stream)

    with instrumented(settings):
        using(program, sdk, server, work)
    assert "s3cret" not in repr([telemetry.spans, telemetry.logs])
    content = of_span(telemetry)
    (message,) = content.input or ()
    (part,) = message.parts
    assert isinstance(part, Text)
    assert (part.text[:8], part.original_bytes) == ("*** *** ", 4000)
    assert [Reasoning, Text, ToolCall] == [type(part) for part in content.output[0].parts]


def _exits(text: str) -> str:
    raise SystemExit(text)


@pytest.mark.parametrize(
    "redacted", [lambda text: 1 / 0, lambda text: None, _exits], ids=["raises", "gives no text", "exits"]
)
def test_a_redaction_that_fails_drops_the_content_and_keeps_the_call(
    redacted: Any,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = troubles["redact and cut what was said"]
    with instrumented(Settings(capture_content="SPAN_AND_EVENT", redact=redacted)):
        for _ in range(2):
            using(program, sdk, server, lambda client: streamed(program, client))
    assert [read_content(carrier["attributes"]) for carrier in (*telemetry.spans, *telemetry.logs)] == [None] * 4
    assert {"completed"} == {span["attributes"]["firsttoken.outcome"] for span in telemetry.spans}
    assert troubles["redact and cut what was said"] == failed + 2
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


def test_a_text_beyond_the_limit_says_how_long_it_was(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(Answer(text=("ä" * 600,) * 10))
    with instrumented(Settings(capture_content="SPAN_AND_EVENT", content_limit_bytes=1000)):
        using(program, sdk, server, lambda client: streamed(program, client))
    content = of_span(telemetry)
    (part,) = content.output[0].parts
    assert isinstance(part, Text)
    assert part.original_bytes == 12_000
    head, mark, tail = re.fullmatch(r"(ä+)(\[… [0-9,]+ bytes cut …\])(ä+)", part.text).groups()  # type: ignore[union-attr]
    assert (len(head + tail) * 2, int(re.sub("[^0-9]", "", mark))) == (kept := len(head + tail) * 2, 12_000 - kept)
    assert part.original_sha256 == hashlib.sha256("ä".encode() * 6000).hexdigest()
    assert 700 < len(part.text.encode()) <= 1000
    assert content.input == ASKED


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_stream_behaves_as_with_the_bare_sdk_when_content_is_captured(
    odd: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    sdk, chunks = ODD[odd]
    reply: Reply = RawAnswer(chunks=chunks)
    bare = seen_of(reply, sdk, program)
    with instrumented(BOTH):
        assert seen_of(reply, sdk, program) == bare
    (span,) = telemetry.spans
    content = read_content(span["attributes"])
    assert content is not None
    assert content.input == ASKED


@pytest.mark.parametrize("word", ["true", "1", "ALL"])
def test_another_word_in_the_environment_is_one_warning_and_captures_nothing(
    word: str,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(CAPTURE_CONTENT, word)
    monkeypatch.setenv("FIRSTTOKEN_EXIT_TIMEOUT_S", "7")
    firsttoken.instrument(
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    try:
        using(program, sdk, server, lambda client: streamed(program, client))
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    assert [read_content(carrier["attributes"]) for carrier in (*telemetry.spans, *telemetry.logs)] == [None, None]
    (warning,) = (record.getMessage() for record in caplog.records if CAPTURE_CONTENT in record.getMessage())
    assert f"{CAPTURE_CONTENT}={word!r}" in warning
