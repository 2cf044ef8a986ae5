"""From an SDK call inside a context to the answers about its run and its step: terminal, JSON and page."""

from __future__ import annotations

import html
import http.client
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from observe.asking import streamed, using
from observe.program import PROGRAMS
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.cli.program import run
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store
from firsttoken.testing import CapturedTelemetry, ProviderServer

TAG = re.compile(r"<[^>]+>")
STEPS: tuple[Mapping[str, Any], ...] = (
    {"run_id": "r1", "step_id": "1", "user_id": "u&1", "tags": ["beta", "eu"], "feature": "search", "trial": True},
    {"run_id": "r1", "step_id": "2", "user_id": "u&1", "tags": ["beta"], "feature": "search/deep"},
    {"run_id": "r2", "step_id": "1", "user_id": "u2", "call_type": "summary", "org_id": "acme"},
    {},
)


@dataclass(frozen=True)
class Told:
    """A server that was told of one call for each of the steps."""

    url: str

    def get(self, path: str) -> str:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def words(self, path: str) -> str:
        """What a reader sees."""
        return " ".join(html.unescape(TAG.sub(" ", self.get(path))).split())


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    settings = ServeSettings(grpc_port=0, http_port=0, page_port=0)
    with Store.open(None) as store, Server(store, settings) as server, CapturedTelemetry() as aside:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{server.ports.http_endpoint}/v1/traces")))
        firsttoken.instrument(
            Settings(),
            tracer_provider=provider,
            meter_provider=aside.meter_provider,
            logger_provider=aside.logger_provider,
        )
        try:
            with ProviderServer() as model:
                using(PROGRAMS["async"], "openai", model, call_in_each)
            assert firsttoken.flush(PATIENCE_S)
        finally:
            firsttoken.uninstrument()
            provider.shutdown()
        yield Told(str(server.ports.page_url))


async def call_in_each(client: Any) -> None:
    for said in STEPS:
        with firsttoken.context(**said):
            await streamed(PROGRAMS["async"], client)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (["run.id=r1"], [0, 1]),
        (["run_id=r1", "step.id=2"], [1]),
        (["firsttoken.run.id=r2"], [2]),
        (["user.id=u&1"], [0, 1]),
        (["tags=beta"], [0, 1]),
        (["tags=eu"], [0]),
        (["org_id=acme", "call_type=summary"], [2]),
        (["feature=search"], [0]),
        (["feature=search/deep"], [1]),
        (["trial=true"], [0]),
        (["gen_ai.provider.name=openai", "run.id=r1"], [0, 1]),
        (["run.id=nobody's"], []),
        (["run.id="], []),
    ],
    ids=lambda value: " and ".join(map(str, value)),
)
def test_calls_are_found_by_what_was_said_of_them(
    told: Told, capsys: pytest.CaptureFixture[str], where: list[str], expected: list[int]
) -> None:
    port = str(urlsplit(told.url).port)
    asked = [word for condition in where for word in ("--where", condition)]
    code = 0 if expected else 2
    assert run(["calls", "--json", "--page-port", port, *asked]) == code
    rows = json.loads(capsys.readouterr().out or "[]")
    told_of = [step_of(row["call"]["request"]["context"]) for row in reversed(rows)]
    assert [step_of(expectation(STEPS[number])) for number in expected] == told_of
    assert run(["report", "--json", "--page-port", port, *asked]) == code
    if expected:
        report = json.loads(capsys.readouterr().out)
        assert (len(expected), len(where)) == (report["totals"]["calls"], len(report["selection"]["where"]))


def step_of(context: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("run_id", "step_id", "user_id", "organization_id", "call_type")
    return (*(context.get(name) for name in names), tuple(context["tags"]), context["more"])


def expectation(said: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: said[name] for name in ("feature", "trial") if name in said}
    return {**said, "organization_id": said.get("org_id"), "tags": said.get("tags", []), "more": own}


def test_the_page_shows_what_was_said_and_links_to_all_calls_of_the_same(told: Told) -> None:
    page = told.get("/?run_id=r1")
    assert page.count("<tr data-key") == 2
    assert "run_id r1 : drop this condition" in told.words("/?run_id=r1")
    (row,) = json.loads(told.get("/api/calls?run_id=r1&step_id=1"))
    call = f"/calls/{row['trace_id']}/{row['span_id']}"
    assert "user.id u&1 run.id r1 step.id 1 tag beta tag eu feature search trial true" in told.words(call)
    links = [html.unescape(link) for link in re.findall(r'<a href="(/\?[^"]+)" title', told.get(call))]
    assert links == [
        f"/?{urlencode(asked)}"
        for asked in (
            {"user_id": "u&1"},
            {"run_id": "r1"},
            {"step_id": "1"},
            {"tags": "beta"},
            {"tags": "eu"},
            {"where.feature": "search"},
            {"where.trial": "true"},
        )
    ]
    assert [told.get(link).count("<tr data-key") for link in links] == [2, 2, 2, 2, 1, 1, 1]


def test_a_page_of_calls_that_are_not_there_says_so_and_not_how_to_send_some(told: Told) -> None:
    page = told.words("/?run_id=r3&where.feature=search")
    assert "run_id r3 : drop this condition" in page
    assert "feature search : drop this condition" in page
    assert "No such calls yet None of the calls here" in page
    assert "opentelemetry-instrument" not in page


def test_a_call_of_which_nothing_was_said_has_no_such_section(told: Told) -> None:
    (silent,) = [
        row for row in json.loads(told.get("/api/calls")) if row["call"]["request"]["context"]["run_id"] is None
    ]
    assert 'aria-label="Context"' not in told.get(f"/calls/{silent['trace_id']}/{silent['span_id']}")


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        (["run.id"], "'run.id' is not KEY=VALUE, for example run.id=r1."),
        (["=r1"], "'=r1' is not KEY=VALUE, for example run.id=r1."),
        (["run.id=r1", "run_id=r2"], "run_id cannot be two values at once: give it once."),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
@pytest.mark.parametrize("command", ["calls", "report"])
def test_a_condition_that_is_none_is_refused_with_what_to_do(
    capsys: pytest.CaptureFixture[str], command: str, condition: list[str], complaint: str
) -> None:
    assert run([command, *(word for each in condition for word in ("--where", each))]) == 2
    assert complaint in " ".join(capsys.readouterr().err.split())
