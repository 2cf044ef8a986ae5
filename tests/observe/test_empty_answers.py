"""An answer with nothing in it is marked and counted, by what it had instead, and its caller sees it as it is."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from installed import needs

from firsttoken.call import Usage
from firsttoken.providers.anthropic_completions import AnthropicCompletions
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_completions import OpenAICompletions
from firsttoken.testing import DONE, Answer, CapturedTelemetry, Cut, Delivery, ProviderServer, RawAnswer, ToolCall
from observe.asking import using
from observe.program import PROGRAMS
from observe.surfaces import REQUESTS

SYNC = PROGRAMS["sync"]
USAGE = Usage(input_tokens=5, output_tokens=3)
WIRES = ("chat", pytest.param("responses", marks=needs("openai.resources.responses")), "messages")
EMPTY: dict[str, tuple[Answer, str | None]] = {
    "nothing": (Answer(usage=USAGE), "no_content"),
    "an empty text": (Answer(text=("",), usage=USAGE), "no_content"),
    "reasoning alone": (Answer(reasoning=("Hm, ", "well."), usage=USAGE), "only_reasoning"),
    "reasoning and text": (Answer(reasoning=("Hm, ", "well."), text=("Yes",), usage=USAGE), None),
    "text": (Answer(text=("Yes",)), None),
    "a call of a tool": (Answer(tool_calls=(ToolCall("look"),)), None),
    "reasoning and a call of a tool": (Answer(reasoning=("Hm",), tool_calls=(ToolCall("look"),)), None),
}
Wire = Literal["chat", "responses", "messages"]


def ask(server: ProviderServer, wire: str, *, stream: bool) -> None:
    """One call on that wire, read to its end."""

    async def work(client: Any) -> None:
        if wire == "responses":
            made = client.responses.create(model="gpt-4o", input="Hi", stream=stream)
        elif wire == "chat":
            made = client.chat.completions.create(stream=stream, **REQUESTS["openai"])
        else:
            made = client.messages.create(stream=stream, **REQUESTS["anthropic"])
        if stream:
            list(made)

    using(SYNC, "anthropic" if wire == "messages" else "openai", server, work)


def told(telemetry: CapturedTelemetry) -> tuple[object, dict[object, int | float]]:
    """What the span says, and the counter."""
    (span,) = telemetry.spans
    points = telemetry.points_of("firsttoken.client.empty_responses")
    counted = {point["attributes"]["firsttoken.response.empty"]: point["value"] for point in points}
    return span["attributes"].get("firsttoken.response.empty"), counted


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("kind", EMPTY)
def test_an_answer_without_text_or_a_tool_call_is_marked_and_counted(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, wire: str, stream: bool, kind: str
) -> None:
    answer, expected = EMPTY[kind]
    server.enqueue(answer)
    with instrumented():
        ask(server, wire, stream=stream)
    assert told(telemetry) == (expected, {} if expected is None else {expected: 1})


@pytest.mark.parametrize("wire", WIRES)
def test_a_stream_without_an_event_is_marked(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, wire: str
) -> None:
    server.enqueue(RawAnswer(chunks=(DONE,)))
    with instrumented():
        ask(server, wire, stream=True)
    assert told(telemetry) == ("no_events", {"no_events": 1})


@pytest.mark.parametrize("wire", WIRES)
def test_a_stream_that_was_cut_before_its_content_failed_and_is_not_called_empty(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, wire: str
) -> None:
    server.enqueue(Answer(text=("Yes",), delivery=Delivery(stop_after=1, stop_by=Cut.END)))
    with instrumented():
        ask(server, wire, stream=True)
    assert told(telemetry) == (None, {})
    assert telemetry.spans[0]["attributes"]["firsttoken.outcome"] == "failed"


def chunk(*choices: dict[str, Any], usage: Any = None) -> dict[str, Any]:
    return {"model": "m", "choices": list(choices), "usage": usage}


def test_a_stream_of_usage_alone_is_not_called_empty() -> None:
    tally = OpenAIChat().tally()
    tally.note(chunk(usage={"prompt_tokens": 3, "completion_tokens": 4}))
    assert tally.reading().empty is None


def test_what_only_a_newer_version_knows_is_content() -> None:
    tally = OpenAIChat().tally()
    tally.note(chunk({"index": 0, "delta": {"images": ["data:"]}, "finish_reason": None}))
    tally.note(chunk({"index": 0, "delta": {}, "finish_reason": "stop"}))
    assert tally.reading().empty is None


@pytest.mark.parametrize(("texts", "expected"), [(["", ""], "no_content"), (["", "a"], None)])
def test_legacy_completions_are_marked_too(texts: list[str], expected: str | None) -> None:
    streamed, old = OpenAICompletions().tally(), AnthropicCompletions().tally()
    for text in texts:
        streamed.note(chunk({"index": 0, "text": text, "finish_reason": None}))
        old.note({"completion": text, "stop_reason": None})
    streamed.note(chunk({"index": 0, "text": "", "finish_reason": "stop"}))
    old.note({"completion": "", "stop_reason": "stop_sequence"})
    whole = OpenAICompletions().read_answer(chunk({"index": 0, "text": "".join(texts), "finish_reason": "stop"}))
    assert [streamed.reading().empty, old.reading().empty, whole.empty] == [expected] * 3
