"""Responses, fetched responses, Embeddings and legacy Completions, held against the span that each of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import openai
import pytest
from installed import needs
from observing import observing

from conformance.conventions import (
    CONVENTIONS,
    CORE,
    EVENTS,
    METRICS,
    is_conditional,
    is_of,
    is_recommended,
    is_required,
    own_names,
    type_of,
)
from conformance.plays import API_KEY, SECRETS
from firsttoken.call import Usage
from firsttoken.semconv import own
from firsttoken.testing import (
    Answer,
    CapturedPoint,
    CapturedSpan,
    CapturedTelemetry,
    ErrorAnswer,
    ProviderServer,
    cached_answer,
    reasoning_answer,
    tool_call_answer,
)
from firsttoken.testing.script import Reply

PROMPT: Final = "prompt-Qx7 with «private» words"
ANSWER: Final = replace(reasoning_answer("answer-Zk9", " text", reasoning=("thought-Wm3",)), model="gpt-5-2025-08-07")
INFERENCE, EMBEDDINGS, FETCH = "gen_ai.client.inference", "gen_ai.embeddings.client", "gen_ai.fetch_response.client"
REFINED: Final = {INFERENCE: "openai.gen_ai.client.inference", FETCH: "openai.fetch_response.client"}
BORROWED: Final = {FETCH: {"gen_ai.request.stream"}}
"""What the conventions have no name for on that span, called as they call it on an inference."""

ADDRESS: Final = {"server.address", "server.port"}
USED: Final = {
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.reasoning.output_tokens",
}
ANSWERED: Final = {"gen_ai.response.id", "gen_ai.response.model", "gen_ai.response.finish_reasons"}
TIER: Final = {"openai.response.service_tier"}
STREAM: Final = {"gen_ai.request.stream", "gen_ai.response.time_to_first_chunk"}
TYPED: Final = {"openai.api.type"}


@dataclass(frozen=True, slots=True)
class Scene:
    """One call, and what the conventions want of it."""

    name: str
    span_type: str
    span_name: str
    reply: Reply
    act: Callable[[openai.OpenAI], Any]
    present: set[str]
    """Every attribute of the conventions, apart from the three or four that are always there."""
    fails: bool = False
    metrics: set[str] = field(default_factory=set[str])
    resource: str = "openai.resources.responses"
    """Where the SDK has what it calls."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Seen:
    span: CapturedSpan
    points: list[CapturedPoint]
    events: list[str | None]


def drained(stream: Any) -> None:
    for _ in stream:
        pass


def respond(client: openai.OpenAI, **more: Any) -> Any:
    return client.responses.create(model="gpt-5", input=PROMPT, **more)


EVERY_PARAMETER: Final[dict[str, Any]] = {
    "max_output_tokens": 64,
    "temperature": 0,
    "top_p": 1,
    "reasoning": {"effort": "low"},
    "text": {"format": {"type": "json_object"}},
    "service_tier": "flex",
    "previous_response_id": "resp_0",
    "conversation": "conv_1",
    "instructions": "instructions-Hp4",
}
ASKED: Final = {
    "gen_ai.request.max_tokens",
    "gen_ai.request.temperature",
    "gen_ai.request.top_p",
    "gen_ai.request.reasoning.level",
    "gen_ai.output.type",
    "openai.request.service_tier",
    "gen_ai.request.previous_response.id",
    "gen_ai.conversation.id",
}
REFUSED: Final = ErrorAnswer(status=404, code="not_found", message=f"Nothing there, {API_KEY}.")
EMBEDDED: Final = Answer(usage=Usage(input_tokens=9))
COUNTERS: Final = {f"gen_ai.client.inference.usage.{name}" for name in ("input_tokens", "output_tokens")} | {
    f"gen_ai.client.inference.usage.{name}"
    for name in ("cache_read.input_tokens", "cache_write.input_tokens", "reasoning.output_tokens")
}
INFERRED: Final = {
    "gen_ai.client.inference.duration",
    "gen_ai.client.inference.operation.input_tokens",
    "gen_ai.client.inference.operation.output_tokens",
    *COUNTERS,
}
STREAMED: Final = {
    "gen_ai.client.inference.time_to_first_chunk",
    "gen_ai.client.inference.time_per_output_chunk",
}
OPERATED: Final = {"gen_ai.client.operation.duration"}
WHOLE: Final = ANSWERED | USED | TIER | TYPED
SCENES: Final = (
    Scene("response", INFERENCE, "chat gpt-5", ANSWER, respond, WHOLE, metrics=INFERRED),
    Scene(
        "response, streamed",
        INFERENCE,
        "chat gpt-5",
        ANSWER,
        lambda client: drained(respond(client, stream=True)),
        WHOLE | STREAM,
        metrics=INFERRED | STREAMED,
    ),
    Scene(
        "response with every parameter",
        INFERENCE,
        "chat gpt-5",
        cached_answer("answer-Zk9"),
        lambda client: respond(client, **EVERY_PARAMETER),
        WHOLE | ASKED,
        metrics=INFERRED,
    ),
    Scene(
        "response that calls a tool",
        INFERENCE,
        "chat gpt-5",
        tool_call_answer(),
        lambda client: drained(respond(client, stream=True)),
        WHOLE | STREAM,
        metrics=INFERRED | STREAMED,
    ),
    Scene(
        "background response",
        INFERENCE,
        "chat gpt-5",
        replace(ANSWER, status="queued"),
        lambda client: respond(client, background=True),
        (ANSWERED | TIER | TYPED) - {"gen_ai.response.finish_reasons"},
        metrics={"gen_ai.client.inference.duration"},
    ),
    Scene(
        "failed response",
        INFERENCE,
        "chat gpt-5",
        replace(ANSWER, status="failed"),
        lambda client: drained(respond(client, stream=True)),
        WHOLE | STREAM | {"error.type"},
        fails=True,
        metrics=INFERRED | STREAMED,
    ),
    Scene(
        "refused response",
        INFERENCE,
        "chat gpt-5",
        REFUSED,
        respond,
        {"gen_ai.response.finish_reasons", "error.type"} | TYPED,
        fails=True,
        metrics={"gen_ai.client.inference.duration"},
    ),
    Scene(
        "fetch",
        FETCH,
        "fetch_response",
        ANSWER,
        lambda client: client.responses.retrieve("resp_1"),
        ANSWERED | TIER | TYPED | {"gen_ai.response.status"},
        metrics=OPERATED,
    ),
    Scene(
        "fetch, resumed",
        FETCH,
        "fetch_response",
        ANSWER,
        lambda client: drained(client.responses.retrieve("resp_1", stream=True, starting_after=3)),
        ANSWERED | TIER | TYPED | {"gen_ai.response.status", "gen_ai.request.stream", "gen_ai.request.stream_cursor"},
        metrics=OPERATED,
    ),
    Scene(
        "fetch of nothing",
        FETCH,
        "fetch_response",
        REFUSED,
        lambda client: client.responses.retrieve("resp_1"),
        {"gen_ai.response.id", "error.type"} | TYPED,
        fails=True,
        metrics=OPERATED,
    ),
    Scene(
        "embeddings",
        EMBEDDINGS,
        "embeddings text-embedding-3-small",
        EMBEDDED,
        lambda client: client.embeddings.create(
            model="text-embedding-3-small", input=PROMPT, dimensions=4, encoding_format="base64"
        ),
        {
            "gen_ai.request.encoding_formats",
            "gen_ai.embeddings.dimension.count",
            "gen_ai.response.model",
            "gen_ai.usage.input_tokens",
        },
        metrics=OPERATED,
        resource="openai.resources.embeddings",
    ),
    Scene(
        "refused embeddings",
        EMBEDDINGS,
        "embeddings text-embedding-3-small",
        REFUSED,
        lambda client: client.embeddings.create(model="text-embedding-3-small", input=PROMPT, encoding_format="float"),
        {"gen_ai.request.encoding_formats", "error.type"},
        fails=True,
        metrics=OPERATED,
        resource="openai.resources.embeddings",
    ),
    Scene(
        "completion",
        INFERENCE,
        "text_completion gpt-3.5-turbo-instruct",
        cached_answer("answer-Zk9"),
        lambda client: client.completions.create(
            model="gpt-3.5-turbo-instruct", prompt=PROMPT, n=2, seed=7, stop="END"
        ),
        ANSWERED
        | USED
        | TYPED
        | {"gen_ai.request.choice.count", "gen_ai.request.seed", "gen_ai.request.stop_sequences"},
        metrics=INFERRED,
        resource="openai.resources.completions",
    ),
)
EVERY_SCENE = pytest.mark.parametrize(
    "scene", [pytest.param(scene, id=scene.name, marks=needs(scene.resource)) for scene in SCENES]
)


@pytest.fixture(scope="module")
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture(scope="module")
def see(server: ProviderServer) -> Callable[[Scene], Seen]:
    """Plays a scene once for all the tests that look at it."""
    seen: dict[str, Seen] = {}

    def played(scene: Scene) -> Seen:
        if scene.name not in seen:
            seen[scene.name] = _played(scene, server)
        return seen[scene.name]

    return played


def _played(scene: Scene, server: ProviderServer) -> Seen:
    with CapturedTelemetry() as telemetry:
        with observing(telemetry):
            server.enqueue(scene.reply)
            with openai.OpenAI(base_url=server.openai_base_url, api_key=API_KEY, max_retries=0) as client:
                try:
                    scene.act(client)
                except openai.OpenAIError:
                    assert scene.fails
        (span,) = telemetry.spans
        return Seen(span, telemetry.points, [log["event_name"] for log in telemetry.logs])


def levels_of(scene: Scene) -> dict[str, Any]:
    refined = CONVENTIONS["span_refinements"].get(REFINED.get(scene.span_type, ""), {"attributes": {}})
    levels: dict[str, Any] = CONVENTIONS["spans"][scene.span_type]["attributes"] | refined["attributes"]
    return levels


@EVERY_SCENE
def test_its_name_and_kind_are_those_of_its_span(see: Callable[[Scene], Seen], scene: Scene) -> None:
    span = see(scene).span
    assert (scene.span_name, "CLIENT") == (span["name"], span["kind"])
    assert span["attributes"]["gen_ai.operation.name"] in CONVENTIONS["spans"][scene.span_type]["operations"]


@EVERY_SCENE
def test_it_has_what_applies_and_nothing_else(see: Callable[[Scene], Seen], scene: Scene) -> None:
    attributes = see(scene).span["attributes"]
    levels = levels_of(scene)
    always = {"gen_ai.operation.name", "gen_ai.provider.name", *ADDRESS}
    if scene.span_type != FETCH:
        always.add("gen_ai.request.model")
    assert scene.present | always == attributes.keys() - own_names() - (CORE.keys() - levels.keys())
    assert scene.present <= levels.keys() | BORROWED.get(scene.span_type, set())
    assert {name for name, level in levels.items() if is_required(level)} <= attributes.keys()
    assert not {name for name in attributes if levels.get(name) == "opt_in"}
    assert all(
        is_required(level) or is_conditional(level) or is_recommended(level) or level == "opt_in"
        for level in levels.values()
    )


@EVERY_SCENE
def test_every_attribute_has_the_type_that_it_is_defined_with(see: Callable[[Scene], Seen], scene: Scene) -> None:
    attributes = see(scene).span["attributes"]
    assert [(name, value) for name, value in attributes.items() if not is_of(value, type_of(name))] == []
    status = attributes.get("gen_ai.response.status")
    assert status is None or status in CONVENTIONS["attributes"]["gen_ai.response.status"]["members"]


@EVERY_SCENE
def test_its_metrics_are_those_of_its_operation(see: Callable[[Scene], Seen], scene: Scene) -> None:
    points = [point for point in see(scene).points if point["name"] in METRICS]
    assert scene.metrics == {point["name"] for point in points}
    refinements = CONVENTIONS["openai_metric_refinements"]
    for point in points:
        levels = METRICS[point["name"]]["attributes"] | refinements.get(point["name"], {})
        assert point["attributes"].keys() <= levels.keys()
        assert {name for name, level in levels.items() if is_required(level)} <= point["attributes"].keys()
        assert ("error.type" in point["attributes"]) == (scene.fails and point["name"].endswith(".duration"))


@EVERY_SCENE
def test_only_a_call_that_uses_tokens_has_or_lacks_a_price(see: Callable[[Scene], Seen], scene: Scene) -> None:
    priced = {point["name"] for point in see(scene).points} & {own.COST.name, own.UNPRICED_CALLS.name}
    assert bool(priced) == (scene.span_type != FETCH and scene.reply is not REFUSED)


@EVERY_SCENE
def test_its_log_events_are_those_of_its_span(see: Callable[[Scene], Seen], scene: Scene) -> None:
    details, exception = "gen_ai.client.inference.operation.details", "gen_ai.client.operation.exception"
    expected = [details] * (scene.span_type == INFERENCE) + [exception] * scene.fails
    assert expected == see(scene).events
    assert {*expected} <= EVENTS.keys()


@EVERY_SCENE
def test_nothing_that_is_private_is_in_it(see: Callable[[Scene], Seen], scene: Scene) -> None:
    assert [secret for secret in SECRETS if secret in str(see(scene))] == []
