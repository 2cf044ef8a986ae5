"""Servers that speak somebody else's wire in their own way, through the SDK and the adapter's wire."""

from __future__ import annotations

from typing import Any

import pytest
from observe.program import PROGRAMS, Program
from patience import PATIENCE_S

import firsttoken
from adapter.adapting import drained, streaming, with_client
from adapter.compatible import STREAMS, Stream
from adapter.over_loopback import ASKED, ask
from adapter.reading import completed, text_of
from firsttoken.adapter import StreamResult
from firsttoken.adapter.events import Finished, ReasoningDelta, RefusalDelta, UsageReported
from firsttoken.call import Outcome, Usage
from firsttoken.call.content import Refusal
from firsttoken.testing import DONE, CapturedTelemetry, ProviderServer, RawAnswer, data_event, named_event


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


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
    stream: Stream, program: Program, provider: ProviderServer, *, done: bool
) -> None:
    provider.enqueue(sent(stream, done=done))
    events, said = ask(stream.wire, program, provider, ASKED[stream.wire])
    assert stream.said == said
    assert said.text == text_of(events)
    assert "".join(part.text for part in said.reasoning) == text_of(events, ReasoningDelta)
    assert "".join(part.text for part in said.parts if isinstance(part, Refusal)) == text_of(events, RefusalDelta)
    assert sorted((call.name, call.arguments, call.valid_json) for call in said.tool_calls) == sorted(completed(events))
    assert [stream.reason] == [event.reason for event in events if isinstance(event, Finished)]
    assert stream.usage == ([event.usage for event in events if isinstance(event, UsageReported)] or [None])[-1]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.server)
def test_the_adapter_tells_it_and_records_it_alike(
    stream: Stream, program: Program, provider: ProviderServer, adapters: CapturedTelemetry
) -> None:
    provider.enqueue(sent(stream, done=True))

    async def work(client: Any) -> StreamResult:
        running = streaming(client, stream.wire)
        await drained(program, running)
        return running.result

    result = with_client(stream.wire, program, provider, work)
    assert (result.parts, result.usage, result.outcome) == (stream.parts, stream.usage, Outcome.COMPLETED)
    assert (result.response.id, result.response.model, result.finish_reason) == (stream.id, stream.model, stream.reason)
    assert result.response.request_id is not None
    assert firsttoken.flush(PATIENCE_S)
    (span,) = adapters.spans
    told = span["attributes"]
    expected = stream.usage or Usage()
    counted = (told.get("gen_ai.usage.input_tokens"), told.get("gen_ai.usage.output_tokens"))
    assert counted == (expected.input_tokens, expected.output_tokens)
    assert (told["gen_ai.response.finish_reasons"], told["gen_ai.response.id"]) == ((stream.reason,), stream.id)
