"""Of what has no attributes, names, versions and units reach the public back end, and no sentence that stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from e2e.collector.redacting import raw, through
from e2e.otlp import STARTED_NS, log_record, logs, pairs, span, traces
from e2e.sink import Received
from firsttoken.semconv.older import SCHEMA_URLS

pytestmark = pytest.mark.timeout(300)

CANARY = "kanarienvogel"
PLACES = {
    "scope name": "the name of a scope",
    "scope version": "1.0 of a scope",
    "scope attributes": "of a scope",
    "resource schema": "https://opentelemetry.io/schemas/of/a/resource/",
    "scope schema": "https://opentelemetry.io/schemas/of/a/scope/",
    "metric name": "the name of a metric",
    "description": "what a metric counts",
    "unit": "asked for by",
    "metadata": "of a metric",
    "trace state": "ot=th:8;rv:",
    "link state": "vendor=",
    "link attributes": "of a link",
    "severity": "SAID BY ",
    "severity of one word": "",
    "version of one word": "",
    "unit of one word": "",
    "schema of another": "https://schemas.example.com/",
}
"""What stands in front of a canary there: as near as it can be to what may stand there."""


def text_at(place: str) -> str:
    return f"{PLACES[place]}{CANARY} {place}" if PLACES[place] else CANARY


def everywhere() -> list[Any]:
    """Every place that holds a text and is no attribute of a span, an event, a record, a point or an exemplar."""
    of_traces = traces([span({"server.port": 443})], text_at("scope name"))
    [per_resource] = of_traces.resource_spans
    [per_scope] = per_resource.scope_spans
    per_resource.schema_url, per_scope.schema_url = text_at("resource schema"), text_at("scope schema")
    per_scope.scope.version = text_at("scope version")
    per_scope.scope.attributes.extend(pairs({"said": text_at("scope attributes")}))
    [asked] = per_scope.spans
    asked.trace_state = text_at("trace state")
    said = pairs({"said": text_at("link attributes"), "gen_ai.request.model": text_at("link attributes")})
    asked.links.add(trace_id=b"1" * 16, span_id=b"2" * 8, trace_state=text_at("link state"), attributes=said)

    of_logs = logs([log_record("e"), log_record("e")])
    [records] = of_logs.resource_logs[0].scope_logs
    records.scope.version, records.schema_url = text_at("version of one word"), text_at("schema of another")
    for record, place in zip(records.log_records, ("severity", "severity of one word"), strict=True):
        record.severity_text = text_at(place)
    of_logs.resource_logs[0].schema_url = text_at("schema of another")

    of_metrics = ExportMetricsServiceRequest()
    measured = of_metrics.resource_metrics.add().scope_metrics.add()
    for name, unit in ((text_at("metric name"), text_at("unit")), ("m", text_at("unit of one word"))):
        metric = measured.metrics.add(name=name, description=text_at("description"), unit=unit)
        metric.metadata.extend(pairs({"said": text_at("metadata")}))
        metric.gauge.data_points.add(as_int=7, time_unix_nano=STARTED_NS)
    return [of_traces, of_logs, of_metrics]


@pytest.fixture(scope="module")
def sentences(collector_binary: Path) -> tuple[Received, Received]:
    return through(collector_binary, *everywhere())


@pytest.mark.parametrize("place", PLACES)
def test_a_sentence_reaches_the_private_back_end_alone(sentences: tuple[Received, Received], place: str) -> None:
    private, public = sentences

    assert text_at(place).encode() in raw(private)
    assert text_at(place).encode() not in raw(public)


def test_no_part_of_a_sentence_is_left_and_the_rest_goes_on(sentences: tuple[Received, Received]) -> None:
    private, public = sentences

    assert CANARY.encode() not in raw(public)
    assert [len(received.spans) for received in (private, public)] == [1, 1]
    assert [each.attributes for each in public.spans] == [{"server.port": 443}]
    assert [each.severity for each in public.logs] == ["INFO", "INFO"]
    assert {metric.name: metric.points[0].value for metric in public.metrics} == {"[name removed]": 7, "m": 7}


NAMES = ("firsttoken", "@opentelemetry/instrumentation-openai", "io.opentelemetry.openai-v1", "shop::calls")
VERSIONS = ("0.9.0", "v1.2.3-rc.1+build.5", "2")
UNITS = ("s", "By", "1", "%", "{token}", "{inference_call}", "By/s", "{call}/min", "USD")
SEVERITIES = ("INFO", "Warning", "ERROR2", "critical", "SEVERE")
SCHEMAS = ("https://opentelemetry.io/schemas/1.37.0", *sorted(set(SCHEMA_URLS.values())))
SAMPLED = ("ot=th:8;rv:0123456789abcd", "ot=th:fd70a3d70a3d7", "ot=p:8;r:62")


def ordinary() -> list[Any]:
    of_traces, of_metrics = ExportTraceServiceRequest(), ExportMetricsServiceRequest()
    for number, name in enumerate(NAMES):
        of_each = traces([span({})], name)
        [per_resource] = of_each.resource_spans
        per_resource.schema_url = per_resource.scope_spans[0].schema_url = SCHEMAS[number % len(SCHEMAS)]
        per_resource.scope_spans[0].scope.version = VERSIONS[number % len(VERSIONS)]
        per_resource.scope_spans[0].spans[0].trace_state = SAMPLED[number % len(SAMPLED)]
        of_traces.MergeFrom(of_each)
    of_logs = logs([log_record("e") for _ in SEVERITIES])
    for record, severity in zip(of_logs.resource_logs[0].scope_logs[0].log_records, SEVERITIES, strict=True):
        record.severity_text = severity
    measured = of_metrics.resource_metrics.add().scope_metrics.add()
    for number, unit in enumerate(UNITS):
        metric = measured.metrics.add(name=f"gen_ai.some/metric-{number}", unit=unit)
        metric.gauge.data_points.add(as_int=number, time_unix_nano=STARTED_NS)
    return [of_traces, of_logs, of_metrics]


def test_names_versions_units_and_the_like_go_on_as_they_are(collector_binary: Path) -> None:
    private, public = through(collector_binary, *ordinary())

    assert sorted(map(str, private.requests)) == sorted(map(str, public.requests))


def linked() -> ExportTraceServiceRequest:
    request = traces([span({})])
    said = pairs({"said": CANARY})
    link = request.resource_spans[0].scope_spans[0].spans[0].links.add(trace_state=CANARY, attributes=said)
    link.trace_id, link.span_id = b"1" * 16, b"2" * 8
    return request


@pytest.mark.parametrize(
    ("asked", "going_on"), [({}, 0), ({"REDACT_LINKS": "keep"}, 1), ({"REDACT_LINKS": "Keep"}, 0)], ids=str
)
def test_links_go_on_as_a_whole_and_only_where_that_is_asked_for(
    collector_binary: Path, asked: dict[str, str], going_on: int
) -> None:
    private, public = through(collector_binary, linked(), **asked)

    of_private, of_public = (
        received.requests[0].resource_spans[0].scope_spans[0].spans[0].links for received in (private, public)
    )
    assert len(of_private) == 1
    assert list(of_public) == list(of_private)[:going_on]


def test_what_the_page_says_cannot_be_reached_passes(collector_binary: Path) -> None:
    """Where a newer Collector fails this, it can do more than the page says."""
    request = traces([span({})])
    [per_resource] = request.resource_spans
    per_resource.resource.entity_refs.add(
        type=CANARY, id_keys=[CANARY], description_keys=[CANARY], schema_url=f"https://{CANARY}/"
    )
    private, public = through(collector_binary, request)

    assert raw(private).count(CANARY.encode()) == raw(public).count(CANARY.encode()) == 4
