"""What was said, under the conventions of before October 2026: each message of an answer says why it ended."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from firsttoken.call import Call
from firsttoken.call.content import Content, Message, Text
from firsttoken.emit import LogEmitter, SpanEmitter
from firsttoken.semconv import names
from firsttoken.semconv.read_messages import read_content
from firsttoken.settings import Conventions
from firsttoken.testing import CapturedTelemetry

ONE, TWO = (Message("assistant", (Text("Yes."),)), Message("assistant", (Text("No."),)))


@pytest.mark.parametrize(
    ("reasons", "answers", "told"),
    [
        (("stop",), (ONE,), ["stop"]),
        (("stop", "length"), (ONE, TWO), ["stop", "length"]),
        (("tool_calls",), (ONE, TWO), ["tool_calls", "tool_calls"]),
        (("stop", "length"), (ONE,), [""]),
        (None, (ONE,), [""]),
    ],
)
@pytest.mark.parametrize("conventions", get_args(Conventions))
def test_each_answer_says_why_it_ended_where_the_older_conventions_are_wanted(
    telemetry: CapturedTelemetry,
    completed: Call,
    conventions: Conventions,
    reasons: tuple[str, ...] | None,
    answers: tuple[Message, ...],
    told: list[str],
) -> None:
    content = Content((Message("user", (Text("May I?"),)),), output=answers)
    call = replace(completed, response=replace(completed.response, finish_reasons=reasons), content=content)
    spans = SpanEmitter(telemetry.tracer_provider.get_tracer("test"), conventions)
    spans.end(spans.start(call.request, call.timing.started_unix_ns), call)
    LogEmitter(telemetry.logger_provider.get_logger("test"), conventions).emit(call, None)

    [span], [event] = telemetry.spans, telemetry.logs
    said = json.loads(span["attributes"][names.GEN_AI_OUTPUT_MESSAGES])
    assert said == json.loads(json.dumps(event["attributes"][names.GEN_AI_OUTPUT_MESSAGES]))
    expected = [None] * len(told) if conventions == "current" else told
    assert [message.get("finish_reason") for message in said] == expected
    assert read_content(span["attributes"]) == content
