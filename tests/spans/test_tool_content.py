"""What a tool was given and gave is told where content is captured, redacted and bounded, and nowhere else."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry
from spans.conftest import Instrumented

CAPTURED = Settings(capture_content="SPAN_ONLY")
ARGUMENTS, RESULT = "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"


@firsttoken.tool("search")
def search(query: str, /, *filters: str, most: int = 3, **more: Any) -> list[str]:
    return [query] * most


@firsttoken.tool("search")
async def async_search(query: str, /, *filters: str, most: int = 3, **more: Any) -> list[str]:
    return [query] * most


class Tools:
    @firsttoken.tool("look")
    def look(self, where: str) -> None:
        return None


def told(telemetry: CapturedTelemetry) -> list[Any]:
    """Arguments and result of each tool, decoded."""
    attributes = [[span["attributes"].get(name) for name in (ARGUMENTS, RESULT)] for span in telemetry.spans]
    return [[value if value is None else json.loads(str(value)) for value in pair] for pair in attributes]


@pytest.mark.parametrize("settings", [Settings(), Settings(capture_content="EVENT_ONLY")], ids=["nothing", "events"])
def test_without_content_on_spans_nothing_of_it_is_told(
    settings: Settings, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(settings):
        search("secret words", most=1)
        with firsttoken.tool("search", arguments={"query": "secret words"}) as running:
            running.result = "secret words"
    assert "secret words" not in str((telemetry.spans, telemetry.points, telemetry.logs))


def test_a_function_has_its_arguments_by_their_names_and_its_result(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(CAPTURED):
        search("rain", "here", most=1, language="en")
        asyncio.run(async_search("sun"))
        Tools().look("up")
    assert told(telemetry) == [
        [{"query": "rain", "filters": ["here"], "most": 1, "more": {"language": "en"}}, ["rain"]],
        [{"query": "sun"}, ["sun"] * 3],
        [{"where": "up"}, None],
    ]


@pytest.mark.parametrize("arguments", ['{"query": "rain"}', {"query": "rain"}], ids=["the model's text", "an object"])
def test_a_block_says_what_it_is_given_and_gives(
    arguments: object, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(CAPTURED), firsttoken.tool("search", arguments=arguments) as running:
        running.result = {"hits": 3}
    assert told(telemetry) == [[{"query": "rain"}, {"hits": 3}]]


def test_arguments_that_are_no_json_are_told_as_they_are(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(CAPTURED), firsttoken.tool("search", arguments='{"query": "ra'):
        pass
    assert telemetry.spans[0]["attributes"][ARGUMENTS] == '{"query": "ra'


def test_what_is_changed_afterwards_is_told_as_it_was(instrumented: Instrumented, telemetry: CapturedTelemetry) -> None:
    @firsttoken.tool("pop")
    def pop(stack: list[int]) -> list[int]:
        stack.pop()
        return stack

    with instrumented(CAPTURED):
        pop([1, 2]).clear()
    assert told(telemetry) == [[{"stack": [1, 2]}, [1]]]


def test_a_tool_that_fails_has_its_arguments_and_no_result(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(CAPTURED), pytest.raises(TypeError):
        search("rain", most="many")  # type: ignore[arg-type]
    assert firsttoken.flush(PATIENCE_S)
    assert told(telemetry) == [[{"query": "rain", "most": "many"}, None]]


def test_keys_are_taken_out_always_and_what_the_application_wants_besides(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    def redact(text: str) -> str:
        return text.replace("Anna", "somebody")

    with instrumented(Settings(capture_content="SPAN_AND_EVENT", redact=redact)):
        search("Anna", most=1, **{"token": "sk-proj-abcdefgh0123456789abcdefgh", "password": "hunter22"})
    ((arguments, result),) = told(telemetry)
    assert (arguments["query"], result) == ("somebody", ["somebody"])
    assert "hunter22" not in str(arguments)
    assert "abcdefgh0123456789" not in str(arguments)


def test_a_redaction_that_fails_drops_the_content_and_keeps_the_span(
    instrumented: Instrumented, telemetry: CapturedTelemetry, caplog: pytest.LogCaptureFixture
) -> None:
    def redact(text: str) -> str:
        raise ValueError(text)

    with instrumented(Settings(capture_content="SPAN_ONLY", redact=redact)):
        assert search("rain", most=1) == ["rain"]
    assert told(telemetry) == [[None, None]]
    assert [record.levelno for record in caplog.records if record.levelno > logging.INFO] == [logging.WARNING]
    assert "rain" not in caplog.text
    caplog.clear()
    troubles.clear()


def test_whatever_a_tool_is_given_it_runs_and_the_rest_is_told(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError

        __str__ = __iter__ = __len__ = __repr__  # type: ignore[assignment]

    cycle: list[Any] = [float("nan"), b"\0", Hostile()]
    cycle.append(cycle)
    with instrumented(CAPTURED):
        search("rain", most=0, odd=cycle, endless=iter(int, 1))
    ((arguments, result),) = told(telemetry)
    assert (arguments["query"], len(arguments["more"]["odd"]), result) == ("rain", 4, [])


def test_a_text_beyond_the_limit_is_cut(instrumented: Instrumented, telemetry: CapturedTelemetry) -> None:
    with instrumented(Settings(capture_content="SPAN_ONLY", content_limit_bytes=2_000)):
        search("x" * 1_000_000, most=1)
    assert sum(len(str(telemetry.spans[0]["attributes"][name])) for name in (ARGUMENTS, RESULT)) < 4_000


@pytest.mark.parametrize(("level", "expected"), [("none", False), ("full", True)])
def test_the_programs_own_word_decides(
    level: Any, expected: bool, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    settings = Settings() if expected else CAPTURED
    with instrumented(settings), firsttoken.content(level):
        search("rain", most=1)
    assert (ARGUMENTS in telemetry.spans[0]["attributes"]) is expected


def test_only_tools_have_content(instrumented: Instrumented, telemetry: CapturedTelemetry) -> None:
    @firsttoken.traced
    def work(secret: str) -> str:
        return secret

    with instrumented(CAPTURED), firsttoken.agent("planner") as running:
        running.result = work("secret words")
    assert "secret words" not in str(telemetry.spans)
