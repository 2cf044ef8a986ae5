"""Servers that speak somebody else's wire in their own way, through the SDK and the adapter's wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from observe.program import PROGRAMS, Program

from adapter.compatible import STREAMS, Stream
from adapter.over_loopback import ASKED, ask
from adapter.reading import completed, text_of
from firsttoken.adapter.events import Finished, ReasoningDelta, RefusalDelta, UsageReported
from firsttoken.call.content import Refusal
from firsttoken.testing import DONE, ProviderServer, RawAnswer, data_event, named_event


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


def sent(stream: Stream, *, done: bool) -> RawAnswer:
    if stream.wire == "chat":
        chunks = [data_event(event) for event in stream.events]
        return RawAnswer(content_type="text/event-stream", chunks=(*chunks, *([DONE] if done else [])))
    return RawAnswer(
        content_type="text/event-stream", chunks=tuple(named_event(event["type"], event) for event in stream.events)
    )


@pytest.mark.parametrize("done", [True, False], ids=["with its last line", "without"])
@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.server)
def test_what_a_server_says_in_its_own_way_comes_to_the_same(
    stream: Stream, program: Program, server: ProviderServer, *, done: bool
) -> None:
    server.enqueue(sent(stream, done=done))
    events, said = ask(stream.wire, program, server, ASKED[stream.wire])
    assert stream.said == said
    assert said.text == text_of(events)
    assert "".join(part.text for part in said.reasoning) == text_of(events, ReasoningDelta)
    assert "".join(part.text for part in said.parts if isinstance(part, Refusal)) == text_of(events, RefusalDelta)
    assert sorted((call.name, call.arguments, call.valid_json) for call in said.tool_calls) == sorted(completed(events))
    assert [stream.reason] == [event.reason for event in events if isinstance(event, Finished)]
    assert stream.usage == ([event.usage for event in events if isinstance(event, UsageReported)] or [None])[-1]
