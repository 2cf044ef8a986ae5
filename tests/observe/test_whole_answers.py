"""Answers that are not streamed, on every surface: one record, complete, and a caller who notices nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.testing import CapturedTelemetry, ErrorAnswer, NoAnswer, ProviderServer, text_answer
from firsttoken.testing.script import Reply
from observe.asking import using, whole
from observe.program import Program
from observe.surfaces import WHOLE, Surface
from observe.watching import raised, shown

Instrumented = Callable[..., AbstractContextManager[None]]

ANSWER = replace(text_answer('{"city": "Zürich",', ' "days": 3}'), id="answer-1")
CUT_OFF = replace(ANSWER, truncated=True)


def asked(surface: Surface, program: Program, reply: Reply, **options: Any) -> object:
    """What a program gets to see of one answer."""
    with ProviderServer(lambda request: reply) as server:
        try:
            return shown(using(program, surface.sdk, server, lambda client: surface.ask(program, client), **options))
        except Exception as error:  # noqa: BLE001  to be compared
            return raised(error)


@pytest.mark.parametrize("surface", WHOLE, ids=lambda surface: surface.name)
def test_an_answer_is_recorded_with_its_usage(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    bare = asked(surface, program, ANSWER)
    with instrumented():
        assert asked(surface, program, ANSWER) == bare
    (span,) = telemetry.spans
    attributes = span["attributes"]
    assert {
        "firsttoken.outcome": "completed",
        "gen_ai.response.id": "answer-1",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 2,
        "http.response.status_code": 200,
    }.items() <= attributes.items()
    assert str(attributes["firsttoken.response.request_id"]).startswith("req_")
    assert "gen_ai.request.stream" not in attributes


@pytest.mark.parametrize("reply", [ErrorAnswer(status=400), ErrorAnswer(status=529), NoAnswer()], ids=str)
@pytest.mark.parametrize("surface", WHOLE, ids=lambda surface: surface.name)
def test_a_failed_call_is_recorded_with_its_error(
    surface: Surface, program: Program, reply: Reply, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    bare = asked(surface, program, reply)
    with instrumented():
        assert asked(surface, program, reply) == bare
    (span,) = telemetry.spans
    assert (span["attributes"]["firsttoken.outcome"], span["status"]) == ("failed", "ERROR")
    refused = isinstance(reply, ErrorAnswer)
    assert refused is not any(name.startswith("firsttoken.cost.") for name in span["attributes"])


@pytest.mark.parametrize(
    "surface", [surface for surface in WHOLE if surface.name == "chat.parse"], ids=lambda surface: surface.name
)
def test_an_answer_that_the_sdk_refuses_to_parse_failed_and_still_has_its_usage(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    bare = asked(surface, program, CUT_OFF)
    with instrumented():
        assert asked(surface, program, CUT_OFF) == bare
    (span,) = telemetry.spans
    assert {
        "firsttoken.outcome": "failed",
        "error.type": "openai.LengthFinishReasonError",
        "http.response.status_code": 200,
        "gen_ai.usage.output_tokens": 2,
    }.items() <= span["attributes"].items()


def test_an_answer_that_is_no_json_is_handed_over_as_it_is(
    sdk: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    surface = next(surface for surface in WHOLE if surface.sdk == sdk)
    reply = ErrorAnswer(status=200, content=b"<html>Welcome to the hotel</html>")
    with instrumented():
        assert asked(surface, program, reply) == "<html>Welcome to the hotel</html>"
    (span,) = telemetry.spans
    assert "gen_ai.usage.output_tokens" not in span["attributes"]


@pytest.mark.parametrize("reply", [ANSWER, ErrorAnswer(status=429)], ids=["answered", "refused"])
def test_what_is_left_of_a_rate_limit_is_recorded(
    sdk: str,
    program: Program,
    reply: Reply,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    limits = {"x-ratelimit-reset-requests": "1m30s", "anthropic-ratelimit-output-tokens-remaining": "many"}
    server.enqueue(replace(reply, headers=limits))
    with instrumented(), suppress(Exception):
        using(program, sdk, server, lambda client: whole(program, client))
    (span,) = telemetry.spans
    limit = {"openai": 10_000, "anthropic": 4_000}[sdk]
    told = {name: value for name, value in span["attributes"].items() if name.startswith("firsttoken.rate_limit.")}
    assert told == {
        "firsttoken.rate_limit.requests.limit": limit,
        "firsttoken.rate_limit.requests.remaining": limit - 1,
        "firsttoken.rate_limit.requests.reset": 90.0,
    }
