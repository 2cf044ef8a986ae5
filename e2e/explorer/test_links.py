"""The ways between the data sources, as Grafana goes them by what is provisioned, lead to something that is there."""

from __future__ import annotations

import re

import pytest
import yaml
from dashboards.committed import FOLDER

from e2e.queries import asked, values

pytestmark = pytest.mark.timeout(300)

SOURCES = {
    source["type"]: source["jsonData"]
    for name in ("datasources.yaml", "datasources-jaeger.yaml")
    for source in yaml.safe_load((FOLDER / "provisioning" / name).read_text(encoding="utf-8"))["datasources"]
}
STORES = pytest.mark.parametrize("store", ["tempo", "jaeger"])
BUCKETS = "firsttoken_client_time_to_first_token_seconds_bucket"


def has(wall, store: str, trace_id: str) -> bool:
    return bool(wall.tempo.spans_of(trace_id) if store == "tempo" else wall.jaeger.trace(trace_id))


def attributes(wall, store: str, kind: str) -> dict[str, str]:
    """Of the span of the call, its resource's too."""
    if store == "tempo":
        [span] = wall.tempo.spans_of(wall.made[kind])
        return span
    [span] = wall.jaeger.trace(wall.made[kind])
    return dict(span.attributes)


@STORES
def test_a_log_line_leads_to_its_trace(wall, store):
    [field] = SOURCES["loki"]["derivedFields"]
    assert field["matcherType"] == "label"

    lines = wall.loki.found('{service_name="shop"}')
    traces = {value for line in lines for name, value in line.labels.items() if re.search(field["matcherRegex"], name)}
    assert traces >= set(wall.made.values())
    assert all(has(wall, store, trace) for trace in traces)


@STORES
def test_a_trace_leads_to_its_log_lines(wall, store):
    query = SOURCES[store]["tracesToLogsV2"]["query"].replace("$$", "$")
    query = query.replace("${__span.traceId}", wall.made["slow"])
    tags = attributes(wall, store, "slow")
    query = re.sub(r'\$\{__span\.tags\["([^"]+)"\]\}', lambda name: tags[name[1]], query)

    found = wall.loki.found(query)

    assert "$" not in query
    assert {line.labels["trace_id"] for line in found} == {wall.made["slow"]}


@STORES
def test_a_trace_leads_to_the_metrics_of_calls_like_it(wall, store):
    settings = SOURCES[store]["tracesToMetrics"]
    span = attributes(wall, store, "slow")
    chosen = ", ".join(f'{tag["value"]}="{span[tag["key"]]}"' for tag in settings["tags"])

    for query in settings["queries"]:
        found = values(wall.prometheus_url, query["query"].replace("$$", "$").replace("$__tags", chosen))
        assert len(found) == 1, query["name"]


@STORES
def test_a_dot_on_a_line_leads_to_a_trace(wall, store):
    [destination] = SOURCES["prometheus"]["exemplarTraceIdDestinations"]

    series = asked(wall.prometheus_url, "query_exemplars", query=BUCKETS, start="0", end="4000000000")

    traces = {exemplar["labels"][destination["name"]] for line in series for exemplar in line["exemplars"]}
    assert traces
    assert all(has(wall, store, trace) for trace in traces)


@STORES
def test_a_trace_of_an_agent_is_whole(wall, store):
    trace = wall.made["agent"]
    spans = wall.tempo.spans_of(trace) if store == "tempo" else [{"name": s.name} for s in wall.jaeger.trace(trace)]

    assert sorted(span["name"] for span in spans) == ["chat gpt-4.1", "execute_tool search", "invoke_agent planner"]
