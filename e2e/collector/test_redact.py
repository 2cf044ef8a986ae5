"""Nothing that was said reaches the public back end, all of it the private one, and nothing else is lost on the way."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anthropic
import grpc
import openai
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

import firsttoken
from e2e.collector.redacting import Redacting, raw, redacting, settled, sorted_points, through, told
from e2e.observed import CONTENT, Observed, observed
from e2e.otlp import STARTED_NS, event, log_record, logs, pairs, sender, span, traces
from e2e.programs import CONFIGURATIONS
from e2e.sink import SIGNALS, Received
from firsttoken.testing import ErrorAnswer, ToolCall, reasoning_answer, text_answer, tool_call_answer

pytestmark = pytest.mark.timeout(300)

CANARY = "kanarienvogel"
IMAGE = base64.b64encode(f"{CANARY}-image".encode()).decode()
SECRET = "sk-proj-abcdefghij0123456789"  # noqa: S105  a form
SALT = "f00d" * 16


def talk(app: Observed) -> None:
    """Calls with something to hide in every place."""
    gpt, claude = app.clients["openai"], app.clients["anthropic"]
    forecast = {"type": "object", "properties": {f"{CANARY}-parameter": {"type": "string"}}}
    tools = [{"type": "function", "function": {"name": "get", "description": f"{CANARY}-tool", "parameters": forecast}}]
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IMAGE}"}}
    call = {"id": "c1", "type": "function", "function": {"name": "get", "arguments": f'{{"at": "{CANARY}-sent"}}'}}
    messages = [
        {"role": "system", "content": f"{CANARY}-system"},
        {"role": "user", "content": [{"type": "text", "text": f"{CANARY}-user"}, picture]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": f"{CANARY}-result"},
    ]
    asked = {"model": "gpt-4.1", "messages": messages, "tools": tools, "stop": [f"{CANARY}-stop"], "max_tokens": 10}
    for stream in (False, True):
        app.provider.enqueue(text_answer(f"{CANARY}-answer"))
        answer = gpt.chat.completions.create(**asked, metadata={"k": f"{CANARY}-metadata"}, stream=stream)
        _ = list(answer) if stream else None
    app.provider.enqueue(tool_call_answer(ToolCall("get", (f'{{"at": "{CANARY}-call"}}',))))
    gpt.chat.completions.create(**asked)
    app.provider.enqueue(reasoning_answer("No.", reasoning=(f"{CANARY}-thought",)))
    said = [{"role": "user", "content": f"{CANARY}-asked"}]
    claude.messages.create(model="claude-sonnet-4-6", max_tokens=2_000, system=f"{CANARY}-claude", messages=said)
    with suppress(openai.APIError, anthropic.APIError):
        app.provider.enqueue(ErrorAnswer(status=400, message=f"'{CANARY}-error' is no city"))
        gpt.chat.completions.create(**asked)
    with (
        suppress(ValueError),
        firsttoken.context(user_id="u-17", tags=["beta"], note=f"{CANARY}-note"),
    ):
        app.whole()
        with firsttoken.agent("planner"), firsttoken.tool("search"):
            raise ValueError(f"{CANARY}-raised")


@pytest.fixture(scope="module")
def talked(collector_binary: Path) -> Iterator[Redacting]:
    with redacting(collector_binary) as running:
        with observed(running.endpoint, settings=replace(CONTENT, trace_content="full")) as app:
            talk(app)
            app.flush()
        settled(running)
        yield running


def test_no_byte_of_what_was_said_reaches_the_public_back_end_and_all_of_it_the_private_one(talked: Redacting) -> None:
    private, public = raw(talked.private), raw(talked.public)

    places = "system user tool parameter sent result stop answer call thought claude asked error note raised"
    assert [place for place in places.split() if f"{CANARY}-{place}".encode() not in private] == []
    assert CANARY.encode() not in public
    assert IMAGE.encode() not in public


def test_spans_log_records_and_metrics_lose_nothing_but_what_was_said(talked: Redacting) -> None:
    private, public = talked.private, talked.public

    assert sorted(map(told, private.spans), key=repr) == sorted(map(told, public.spans), key=repr)
    assert sorted(map(told, private.logs), key=repr) == sorted(map(told, public.logs), key=repr)
    assert sorted(map(sorted_points, private.metrics), key=repr) == sorted(map(sorted_points, public.metrics), key=repr)
    names = {name for span in public.spans for name in span.attributes}
    assert {"user.id", "firsttoken.tags", "firsttoken.usage.raw", "gen_ai.response.finish_reasons"} <= names
    assert {"firsttoken.attempts", "firsttoken.error.category"} & {n for log in public.logs for n in log.attributes}
    assert any(point.exemplar_trace_ids for metric in public.metrics for point in metric.points)
    assert scopes(private) == scopes(public)


def scopes(received: Received) -> set[tuple[str, str, str]]:
    """Name, version and schema of what told something."""
    of_each_signal = {
        "resource_spans": "scope_spans",
        "resource_logs": "scope_logs",
        "resource_metrics": "scope_metrics",
    }
    return {
        (per_scope.scope.name, per_scope.scope.version, per_scope.schema_url)
        for request in received.requests
        for resources, inside in of_each_signal.items()
        for per_resource in getattr(request, resources, ())
        for per_scope in getattr(per_resource, inside)
    }


def hidden(place: str) -> str:
    return f"{CANARY} {place}"


NESTED = {"content": [{"type": "text", "text": hidden("deep")}, [hidden("list"), CANARY.encode()]], CANARY: 1}
ODD_VALUES = {
    "map": {"gen_ai.response.id": NESTED},
    "list": {"gen_ai.request.model": [hidden("a"), hidden("b")]},
    "list of maps": {"gen_ai.response.finish_reasons": [NESTED]},
    "long word": {"gen_ai.response.finish_reasons": [hidden("x" * 99)]},
    "bytes": {"gen_ai.response.id": hidden("bytes").encode()},
    "bytes as a number": {"gen_ai.usage.input_tokens": hidden("bytes").encode()},
    "text as a number": {"gen_ai.usage.input_tokens": hidden("text")},
    "usage": {"firsttoken.usage.raw": '{"input_tokens": 3, "note": "' + hidden("usage") + '"}'},
    "attempts": {"firsttoken.attempts": [{"exception.type": "ValueError", "said": hidden("attempt")}]},
    "name": {hidden("name"): 1, f"gen_ai.{CANARY}": 1, f"gen_ai.prompt.0.{CANARY}": "x"},
    "new names": {"gen_ai.input.transcript": hidden("new"), "llm.thoughts.0.text": hidden("new"), "": hidden("none")},
    "events": {"gen_ai.event.content": hidden("event"), "events": [NESTED]},
    "database": {"db.query.text": hidden("query"), "url.full": f"https://x/?q={CANARY}", "http.target": CANARY},
    "person": {"user.id": NESTED, "session.id": [hidden("session")]},
    "thread": {"thread.name": CANARY, "firsttoken.context.names": [CANARY]},
}


@pytest.fixture(scope="module")
def odd(collector_binary: Path) -> tuple[Received, Received]:
    """The same attributes on spans, span events, log records, points and exemplars; and what has no attributes."""
    metrics = ExportMetricsServiceRequest()
    per_scope = metrics.resource_metrics.add().scope_metrics.add()
    per_scope.scope.attributes.extend(pairs({"said": hidden("scope")}))
    for attributes in ODD_VALUES.values():
        metric = per_scope.metrics.add(name="some.metric")
        point = metric.gauge.data_points.add(as_int=7, time_unix_nano=STARTED_NS, attributes=pairs(attributes))
        point.exemplars.add(as_int=7, time_unix_nano=STARTED_NS, filtered_attributes=pairs(attributes))
    events = [
        event(hidden("sentence"), said=hidden("event")),
        event("exception", **{"exception.message": hidden("oh")}),
    ]
    spans = [
        span(attributes | {"server.port": 443}, events=[event("e", **attributes), *events], error=hidden("status"))
        for attributes in ODD_VALUES.values()
    ]
    spans[0].trace_state = f"vendor={CANARY}"
    bodies = [hidden("text"), NESTED]
    records = [log_record("e", body, attributes) for attributes in ODD_VALUES.values() for body in bodies]
    records += [log_record(hidden("sentence"), [NESTED]), log_record("e", hidden("bytes").encode())]
    request = traces(spans, "some.framework", **{"process.command_args": [hidden("arguments")], "said": NESTED})
    named = traces([span({})], **{"host.name": hidden("host").encode()})
    request.MergeFrom(named)
    request.resource_spans[0].scope_spans[0].scope.attributes.extend(pairs({"said": hidden("scope")}))
    return through(collector_binary, request, logs(records, "some.framework", said=hidden("resource")), metrics)


def test_what_is_unknown_or_of_another_type_is_not_let_out_wherever_it_stands(odd: tuple[Received, Received]) -> None:
    private, public = odd

    places = ("deep", "scope", "arguments", "sentence", "status", "resource", "bytes", "name")
    assert [place for place in places if hidden(place).encode() not in raw(private)] == []
    assert CANARY.encode() not in raw(public)
    assert base64.b64encode(CANARY.encode())[:12] not in raw(public)


def test_a_record_with_odd_attributes_goes_on_all_the_same(odd: tuple[Received, Received]) -> None:
    private, public = odd

    for signal in ("spans", "logs", "metrics"):
        assert len(getattr(public, signal)) == len(getattr(private, signal)) >= len(ODD_VALUES)
    assert [each.status for each in public.spans] == [each.status for each in private.spans]
    # Where bytes stand under a name that never has any, no attribute of the record is let out.
    assert sum(each.attributes.get("server.port") == 443 for each in public.spans) == len(ODD_VALUES) - 2
    assert {point.value for metric in public.metrics for point in metric.points} == {7}


def digest(text: str) -> str:
    return hashlib.sha256(f"{SALT}{text}".encode()).hexdigest()


def test_equal_prompts_have_equal_hashes_and_the_salt_is_part_of_them(collector_binary: Path) -> None:
    said: dict[str, Any] = {"gen_ai.input.messages": hidden("prompt"), "gen_ai.prompt.0.content": "", "user.id": "u-17"}
    parts = [{"type": "text", "content": hidden("part")}]
    _, public = through(
        collector_binary,
        traces(
            [span(said | {f"llm.{CANARY}": "x", f"gen_ai.prompt.0.{CANARY}": "x"}, error=hidden("status")), span(said)]
        ),
        logs([log_record("gen_ai.user.message", parts, {"gen_ai.input.messages": parts})]),
        REDACT_CONTENT="hash",
        REDACT_ERRORS="hash",
        REDACT_PERSONS="hash",
        REDACT_SALT=SALT,
    )

    first, second = sorted(public.spans, key=lambda each: each.span_id)
    assert first.attributes == second.attributes
    assert first.attributes["gen_ai.input.messages"] == digest(hidden("prompt"))
    assert first.attributes["gen_ai.prompt.0.content"] == digest("")
    assert (first.attributes["user.id"], first.status_message) == (digest("u-17"), digest(hidden("status")))
    compact = f'[{{"content":"{hidden("part")}","type":"text"}}]'
    assert public.logs[0].attributes["gen_ai.input.messages"] == public.logs[0].body == digest(compact)
    assert CANARY.encode() not in raw(public)


def test_content_is_cut_to_so_many_bytes_and_has_no_secrets_then(collector_binary: Path) -> None:
    long = f"My key is {SECRET}, " + "é" * 500
    raised = {"exception.message": f"write to somebody@example.com about {SECRET}", "exception.stacktrace": long}
    private, public = through(
        collector_binary,
        traces([span({"gen_ai.input.messages": long}, events=[event("exception", **raised)], error=long)]),
        logs([log_record("e", long)]),
        REDACT_CONTENT="cut",
        REDACT_ERRORS="cut",
        REDACT_CUT="60",
    )

    expected = "My key is [secret removed], " + "é" * 16
    assert public.spans[0].attributes == {"gen_ai.input.messages": expected}
    assert (public.spans[0].status_message, public.logs[0].body) == (expected, expected)
    assert public.spans[0].events[0].attributes == {
        "exception.message": "write to [email removed] about [secret removed]",
        "exception.stacktrace": expected,
    }
    assert SECRET.encode() in raw(private)
    assert SECRET.encode() not in raw(public)


@pytest.mark.parametrize(
    "settings",
    [
        {"REDACT_CONTENT": "hash", "REDACT_ERRORS": "hash", "REDACT_PERSONS": "hash"},
        {"REDACT_CONTENT": "Cut", "REDACT_ERRORS": "keep", "REDACT_PERSONS": "drop"},
    ],
    ids=["hashes without a salt", "words that are none"],
)
def test_what_is_not_clearly_asked_for_is_dropped(collector_binary: Path, settings: Mapping[str, str]) -> None:
    said = {"gen_ai.input.messages": hidden("prompt"), "user.id": CANARY, "server.port": 443}
    requests = traces([span(said, error=CANARY)]), logs([log_record("e", CANARY)])
    _, public = through(collector_binary, *requests, **settings)

    assert public.spans[0].attributes == {"server.port": 443}
    assert (public.spans[0].status, public.spans[0].status_message, public.logs[0].body) == ("ERROR", "", "")


def test_names_of_ones_own_are_let_out_where_that_is_asked_for(collector_binary: Path) -> None:
    said = {"shop.tier": "gold", "shop.size": 3, "shop.deep": {"note": CANARY}, "shop.note": CANARY, "other": CANARY}
    _, public = through(collector_binary, traces([span(said)]), REDACT_ALSO_KEEP="shop[.](tier|size|deep)|key")

    assert public.spans[0].attributes == {"shop.tier": "gold", "shop.size": 3}


def test_who_asked_is_kept_as_it_is_where_nothing_else_is_said(collector_binary: Path) -> None:
    who = {"user.id": 17, "session.id": "somebody@example.com", "client.address": "x" * 300}
    _, public = through(collector_binary, traces([span(who)]))

    assert public.spans[0].attributes == who | {"client.address": "x" * 256}


def test_secrets_are_taken_out_of_what_remains(collector_binary: Path) -> None:
    attributes = {
        "gen_ai.agent.name": f"the one with {SECRET}",
        "gen_ai.tool.name": "postgres://me:p4ss@w0rd@db/x",
        "error.type": "for somebody@example.com",
    }
    _, public = through(collector_binary, traces([span(attributes, f"ask {SECRET}")]))

    assert public.spans[0].name == "ask [secret removed]"
    assert public.spans[0].attributes == {
        "gen_ai.agent.name": "the one with [secret removed]",
        "gen_ai.tool.name": "postgres[secret removed]db/x",
        "error.type": "for [email removed]",
    }


def test_series_that_an_unknown_attribute_told_apart_are_added_up(collector_binary: Path) -> None:
    metrics = ExportMetricsServiceRequest()
    per_scope = metrics.resource_metrics.add().scope_metrics.add()
    total = per_scope.metrics.add(name="some.sum").sum
    total.aggregation_temporality, total.is_monotonic = 2, True
    for user, value in (("a", 3), ("b", 4)):
        named = pairs({"gen_ai.request.model": "m", "who.asked": f"{CANARY} {user}"})
        total.data_points.add(as_int=value, start_time_unix_nano=1, time_unix_nano=STARTED_NS, attributes=named)
    _, public = through(collector_binary, metrics)

    (point,) = public.metrics[0].points
    assert (point.attributes, point.value) == ({"gen_ai.request.model": "m"}, 7)


def test_ten_megabytes_go_to_the_private_back_end_and_nothing_of_them_to_the_public_one(collector_binary: Path) -> None:
    huge = CANARY * 800_000
    said = {"gen_ai.input.messages": huge, "gen_ai.response.id": huge, "server.port": 443}
    private, public = through(collector_binary, traces([span(said, error=huge)]), logs([log_record("e", [huge])]))

    assert private.spans[0].attributes["gen_ai.input.messages"] == huge
    assert public.spans[0].attributes == {"gen_ai.response.id": huge[:256], "server.port": 443}
    assert len(raw(public)) < 2_000


def test_what_is_no_utf_8_keeps_no_back_end_from_taking_the_rest(collector_binary: Path) -> None:
    said = {"gen_ai.response.id": "broken 12", "gen_ai.input.messages": "broken 34", "server.port": 443}
    request = traces([span(said, "broken 56", error="broken 78")]).SerializeToString().replace(b"broken", b"br\xffken")
    with (
        redacting(collector_binary, REDACT_ERRORS="cut") as running,
        grpc.insecure_channel(running.endpoint) as channel,
    ):
        export = channel.unary_unary(f"/{SIGNALS['spans'].service}/Export")
        export(request, timeout=60, wait_for_ready=True)
        running.public.wait_for("spans")
        (arrived,) = running.public.spans

    assert (arrived.name, arrived.status_message) == ("br\ufffdken 56", "br\ufffdken 78")
    assert arrived.attributes == {"gen_ai.response.id": "br\ufffdken 12", "server.port": 443}


def test_normalised_first_the_public_back_end_gets_what_was_in_json_too(collector_binary: Path) -> None:
    asked = {"openinference.span.kind": "LLM", "llm.model_name": "m", "input.value": CANARY}
    parameters = '{"max_tokens": 64, "stop": ["' + CANARY + '"]}'
    with redacting(collector_binary, "normalise.yaml") as running, sender(running.endpoint) as send:
        send(traces([span(asked | {"llm.invocation_parameters": parameters})]))
        settled(running)
        (arrived,), (whole,) = running.public.spans, running.private.spans

    assert (arrived.name, arrived.attributes["gen_ai.request.max_tokens"]) == ("chat m", 64)
    assert CANARY.encode() not in raw(running.public)
    assert (whole.attributes["llm.invocation_parameters"], whole.attributes["input.value"]) == (parameters, CANARY)


def test_a_call_is_told_at_both_without_the_attributes_that_the_page_names(collector_binary: Path) -> None:
    page = (CONFIGURATIONS.parent / "docs" / "collector" / "redact.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:span|log record|metrics such as) `(.*?)` \|.*\| (.*) \|$", page, re.MULTILINE)
    named = {name for _, alone in rows for name in re.findall(r"`(.*?)`", alone)}
    with redacting(collector_binary) as running:
        with observed(running.endpoint, settings=replace(CONTENT, trace_content="full")) as app:
            with firsttoken.context(user_id="u-17", order="5512"):
                app.say(hidden("asked"), hidden("said"))
                app.fail(400)
            app.flush()
        settled(running)
        private, public = (names_told(received) for received in (running.private, running.public))

    assert named == private - public
    assert {name for name, _ in rows} <= {
        each.name for signal in (running.public.spans, running.public.logs, running.public.metrics) for each in signal
    }


def names_told(received: Received) -> set[str]:
    """Of all attributes of spans, events and log records."""
    holders = [*received.spans, *(event for span in received.spans for event in span.events), *received.logs]
    return {name for holder in holders for name in holder.attributes}
