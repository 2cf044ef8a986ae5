"""Agents, workflows, steps and tools: one tree with the calls inside, and the metrics of the conventions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import openai
import pytest
from opentelemetry.trace import Tracer
from patience import PATIENCE_S

import firsttoken
from firsttoken.testing import CapturedSpan, CapturedTelemetry, ErrorAnswer, ProviderServer
from spans.conftest import Instrumented, outcomes, parents

CONVENTIONS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "conventions" / "gen_ai.json").read_text()
)
KINDS: Final[dict[str, Any]] = {
    "invoke_agent": firsttoken.agent,
    "invoke_workflow": firsttoken.workflow,
    "execute_tool": firsttoken.tool,
}
OURS: Final = {"firsttoken.outcome"}
MESSAGES: Final[Any] = [{"role": "user", "content": "hello"}]


@pytest.fixture
def client(server: ProviderServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.base_url}/v1", api_key="none", max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI) -> None:
    client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)


def count(telemetry: CapturedTelemetry, metric: str) -> dict[str, float]:
    """The one value that each agent recorded."""
    points = telemetry.points_of(metric)
    assert all(point["count"] == 1 for point in points)
    return {str(point["attributes"]["gen_ai.agent.name"]): point["value"] for point in points}


def test_a_run_is_one_tree_with_its_calls_inside(
    client: openai.OpenAI, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(), firsttoken.workflow("answer", run_id="r1"), firsttoken.agent("planner", id="a1"):
        with firsttoken.step("plan", id="s1"):
            ask(client)
        with firsttoken.tool("search", call_id="call_1"):
            pass
    assert parents(telemetry) == {
        "chat gpt-4o-mini": "step plan",
        "step plan": "invoke_agent planner",
        "execute_tool search": "invoke_agent planner",
        "invoke_agent planner": "invoke_workflow answer",
        "invoke_workflow answer": None,
    }


def test_its_ids_and_what_else_is_said_are_on_every_span_and_call_inside(
    client: openai.OpenAI, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(), firsttoken.context(user_id="u1", plan="free"), firsttoken.workflow("answer", run_id=7):
        with firsttoken.agent("planner", id="a1"), firsttoken.step("plan", id="s1"):
            ask(client)
        ask(client)
    told = [
        {name: span["attributes"].get(name) for name in ("firsttoken.step.id", "gen_ai.agent.id", "firsttoken.run.id")}
        for span in telemetry.spans
    ]
    assert [tuple(ids.values()) for ids in told] == [
        ("s1", "a1", "7"),
        ("s1", "a1", "7"),
        (None, "a1", "7"),
        (None, None, "7"),
        (None, None, "7"),
    ]
    assert {(span["attributes"]["user.id"], span["attributes"]["plan"]) for span in telemetry.spans} == {("u1", "free")}


def test_a_key_that_a_provider_repeats_is_in_no_span_around_the_call(
    server: ProviderServer, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    key = "opaque.words.of.mine"

    @firsttoken.agent("planner")
    def plan(client: openai.OpenAI) -> None:
        try:
            ask(client)
        except openai.AuthenticationError as error:
            raise RuntimeError(f"lost: {error}") from error

    server.enqueue(ErrorAnswer(status=401, message=f"{key} is unknown"))
    client = openai.OpenAI(base_url=f"{server.base_url}/v1", api_key=key, max_retries=0)
    with instrumented(), client, pytest.raises(RuntimeError):
        plan(client)
    assert firsttoken.flush(PATIENCE_S)
    assert len(telemetry.spans) == 2
    assert key not in str(telemetry.spans)
    assert "[credential removed]" in str(telemetry.spans[-1]["events"])


def test_calls_of_a_generator_carry_its_agents_id_and_those_of_its_consumer_do_not(
    client: openai.OpenAI, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    @firsttoken.agent("planner", id="a1")
    def planner() -> Iterator[None]:
        ask(client)
        yield
        ask(client)

    with instrumented():
        for _ in planner():
            ask(client)
    calls = [span for span in telemetry.spans if span["name"].startswith("chat")]
    assert [span["attributes"].get("gen_ai.agent.id") for span in calls] == ["a1", None, "a1"]
    assert count(telemetry, "gen_ai.invoke_agent.inference_calls") == {"planner": 2}


@pytest.mark.parametrize("operation", KINDS)
def test_a_span_has_the_name_the_kind_and_the_attributes_that_the_conventions_want(
    operation: str, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(), pytest.raises(KeyError), firsttoken.agent("around"), KINDS[operation]("name"):
        raise KeyError
    assert firsttoken.flush(PATIENCE_S)
    defined = CONVENTIONS["spans"][f"gen_ai.{operation}.internal"]
    span = telemetry.spans[0]
    assert (f"{operation} name", "INTERNAL") == (span["name"], span["kind"])
    assert defined["kind"] == span["kind"]
    required = {name for name, level in defined["attributes"].items() if level == "required"}
    assert required | {"error.type"} <= span["attributes"].keys() <= defined["attributes"].keys() | OURS
    assert span["attributes"]["gen_ai.operation.name"] == operation


@pytest.mark.parametrize("operation", KINDS)
def test_its_metrics_have_the_buckets_units_and_attributes_of_the_conventions(
    operation: str, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(), pytest.raises(KeyError), KINDS[operation]("name"):
        raise KeyError
    assert firsttoken.flush(PATIENCE_S)
    (span,), points = telemetry.spans, telemetry.points
    expected = {name for name in CONVENTIONS["metrics"] if name.startswith(f"gen_ai.{operation}.")}
    assert expected == {point["name"] for point in points}
    for point in points:
        defined = CONVENTIONS["metrics"][point["name"]]
        assert (defined["unit"], tuple(defined["buckets"])) == (point["unit"], point["bounds"])
        assert point["attributes"].keys() <= defined["attributes"].keys()
        assert point["attributes"].items() <= span["attributes"].items()
    (duration,) = telemetry.points_of(f"gen_ai.{operation}.duration")
    assert duration["attributes"]["error.type"] == "KeyError"
    assert duration["value"] == (span["end_unix_ns"] - span["start_unix_ns"]) / 1e9


def test_an_agent_counts_the_calls_that_it_makes_itself_and_those_that_fail(
    client: openai.OpenAI, server: ProviderServer, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        with firsttoken.agent("outer"):
            ask(client)
            with firsttoken.agent("inner"):
                ask(client)
                server.enqueue(ErrorAnswer(status=400))
                with pytest.raises(openai.BadRequestError):
                    ask(client)
                client.embeddings.create(model="text-embedding-3-small", input="hello")
            with firsttoken.tool("search"), firsttoken.tool("fetch"):
                pass
        ask(client)
    assert count(telemetry, "gen_ai.invoke_agent.inference_calls") == {"inner": 2, "outer": 1}
    assert count(telemetry, "gen_ai.invoke_agent.tool_calls") == {"inner": 0, "outer": 2}


def test_calls_of_an_agents_threads_are_its_own(
    client: openai.OpenAI, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    import contextvars

    with instrumented(), firsttoken.agent("planner"), ThreadPoolExecutor(4) as pool:
        contexts = [contextvars.copy_context() for _ in range(20)]
        list(pool.map(lambda context: context.run(ask, client), contexts))
    assert count(telemetry, "gen_ai.invoke_agent.inference_calls") == {"planner": 20}


def test_a_tool_says_which_agent_it_was_run_for(instrumented: Instrumented, telemetry: CapturedTelemetry) -> None:
    with instrumented(), firsttoken.agent("planner"), firsttoken.tool("search", call_id="c1", description="finds"):
        pass
    assert telemetry.spans[0]["attributes"] == {
        "firsttoken.outcome": "completed",
        "gen_ai.agent.name": "planner",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.call.id": "c1",
        "gen_ai.tool.description": "finds",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.type": "function",
    }
    (point,) = telemetry.points_of("gen_ai.execute_tool.duration")
    assert point["attributes"] == {
        "gen_ai.agent.name": "planner",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.type": "function",
    }


@pytest.mark.parametrize("mark", [firsttoken.agent, firsttoken.workflow, firsttoken.step, firsttoken.tool])
def test_each_is_a_decorator_of_every_kind_of_function(
    mark: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    marked = mark("work")

    @marked
    def plain() -> int:
        return 1

    @marked
    async def coroutine() -> int:
        return 2

    @marked
    def generator() -> Iterator[int]:
        yield 3

    @marked
    async def async_generator() -> Any:
        yield 4

    async def collect() -> list[int]:
        return [await coroutine(), *[value async for value in async_generator()]]

    with instrumented():
        assert [plain(), plain(), *generator(), *asyncio.run(collect())] == [1, 1, 3, 2, 4]
    assert len(outcomes(telemetry)) == 5


def test_one_mark_may_be_entered_by_several_tasks_and_inside_itself(
    instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    shared = firsttoken.agent("shared")

    async def first(entered: asyncio.Event, other_entered: asyncio.Event) -> None:
        with tracer.start_as_current_span("first"):
            async with shared, shared:
                entered.set()
                await other_entered.wait()
                tracer.start_span("inside first").end()
            tracer.start_span("after first").end()

    async def other(first_left: asyncio.Event, entered: asyncio.Event) -> None:
        with tracer.start_as_current_span("other"):
            async with shared:
                entered.set()
                await first_left.wait()
                tracer.start_span("inside other").end()
            tracer.start_span("after other").end()

    async def both() -> None:
        entered, other_entered, left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        one = asyncio.create_task(first(entered, other_entered))
        one.add_done_callback(lambda _: left.set())
        await entered.wait()
        await other(left, other_entered)

    with instrumented():
        asyncio.run(both())
    spans = {span["span_id"]: span for span in telemetry.spans}

    def path(span: CapturedSpan) -> list[str]:
        above = spans.get(span["parent_span_id"] or "")
        return [span["name"], *(path(above) if above else ())]

    agent = "invoke_agent shared"
    assert {span["name"]: path(span)[1:] for span in telemetry.spans if span["name"] != agent} == {
        "inside first": [agent, agent, "first"],
        "after first": ["first"],
        "first": [],
        "inside other": [agent, "other"],
        "after other": ["other"],
        "other": [],
    }
    assert [outcome for _, outcome, _ in outcomes(telemetry)] == ["completed"] * 3


@pytest.mark.parametrize("kind", [firsttoken.agent, firsttoken.workflow, firsttoken.step, firsttoken.tool])
def test_a_kind_without_a_name_is_refused_where_it_decorates(kind: Any) -> None:
    with pytest.raises(TypeError, match=rf"firsttoken\.{kind.__name__} needs a name: @"):

        @kind
        def work() -> None:
            """Would be called with nothing around it, or not at all."""


def test_the_applications_own_attributes_stand_beside_those_of_the_conventions(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented(), firsttoken.step("plan", attributes={"depth": 2}) as running:
        running.span.set_attribute("found", 3)
        running.span.add_event("looked")
    (span,) = telemetry.spans
    assert span["attributes"] == {
        "depth": 2,
        "firsttoken.outcome": "completed",
        "firsttoken.step.name": "plan",
        "found": 3,
    }
    assert [event["name"] for event in span["events"]] == ["looked"]
