"""The committed board: its queries parse, name only what we emit, and every panel says what it shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, InMemoryMetricReader
from prometheus_names import label, series

from firsttoken.call import Attempt, Call, Failure, Ledger, Outcome, Request, Timing, Unpriced, Usage
from firsttoken.emit import MetricEmitter
from firsttoken.semconv.metric import Metric

BOARD = json.loads((Path(__file__).resolve().parents[2] / "dashboards" / "llm-calls.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
TARGETS = [target for panel in PANELS for target in panel["targets"]]
VARIABLES = {"$__rate_interval": "5m", "$__range": "1h", "$job": ".*", "$provider": ".*", "$model": ".*"}
PARTS = ("bucket", "sum", "count")


def emitted_names() -> set[str]:
    """What a Prometheus gets, from the real emitter."""
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    emitter = MetricEmitter(meters.get_meter("test"))
    call = Call(
        request=Request("chat", "openai", "openai.chat_completions", "model", True),
        timing=Timing(0, 2, first_chunk_ns=1),
        outcome=Outcome.COMPLETED,
        usage=Usage(5, 5, cache_read_tokens=1, cache_write_tokens=1, reasoning_tokens=1),
        failure=Failure("overloaded_error", "Overloaded."),
        attempts=(Attempt(1, 1),),
    )
    for cost in (Ledger(1, 1, 1, 1, "USD", "list"), Unpriced("unknown_model")):
        emitter.record(replace(call, cost=cost), None)
    emitter.record_gaps(call.request, None, [1])
    names = set()
    for metric in reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics:
        if isinstance(metric.data, Histogram):
            names |= {series(Metric(metric.name, "histogram", metric.unit), part) for part in PARTS}
        else:
            names.add(series(Metric(metric.name, "counter", metric.unit)))
    meters.shutdown()
    return names


def filled_in(expression: str) -> str:
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression


def checked_by_promtool(folder: Path, expressions: list[str]) -> subprocess.CompletedProcess[str]:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.fail("promtool is not on PATH: install Debian's package `prometheus`, or put promtool on PATH")
    rules = [{"record": f"query:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    path = folder / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    return subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)


@pytest.mark.system
def test_promtool_parses_every_query(tmp_path):
    result = checked_by_promtool(tmp_path, [filled_in(target["expr"]) for target in TARGETS])

    assert result.returncode == 0, result.stderr


@pytest.mark.system
def test_promtool_would_refuse_a_query_that_does_not_parse(tmp_path):
    assert checked_by_promtool(tmp_path, ["sum(rate(calls_total[5m])"]).returncode != 0


def test_no_variable_is_left_that_the_board_does_not_have():
    left = {word for target in TARGETS for word in re.findall(r"\$\w+", filled_in(target["expr"]))}

    assert set() == left


def test_every_series_that_a_query_names_is_one_that_we_emit():
    named = {name for target in TARGETS for name in re.findall(r"\b(\w+)\{", target["expr"])}

    assert named
    assert set() == named - emitted_names()


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric("gen_ai.client.inference.duration", "histogram", "s"), "gen_ai_client_inference_duration_seconds"),
        (Metric("gen_ai.usage.input_tokens", "counter", "{token}"), "gen_ai_usage_input_tokens_total"),
        (Metric("request.seconds", "histogram", "s"), "request_seconds"),
        (Metric("body.size", "counter", "By"), "body_size_bytes_total"),
        (Metric("share", "histogram", "1"), "share"),
    ],
)
def test_a_metric_is_called_what_prometheus_calls_it(metric, expected):
    assert expected == series(metric)


def test_a_unit_that_nobody_has_translated_is_an_error():
    with pytest.raises(KeyError):
        series(Metric("speed", "histogram", "furlong"))


def test_a_label_has_underscores_for_everything_else():
    assert label("gen_ai.request.model") == "gen_ai_request_model"


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_says_what_it_shows_in_which_unit_and_what_is_missing_when_it_is_empty(panel):
    defaults = panel["fieldConfig"]["defaults"]
    units = [p["value"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"]

    assert panel["description"].endswith(".")
    assert defaults["noValue"].startswith("no ")
    assert defaults.get("unit") or units
    assert {"${datasource}"} == {part["datasource"]["uid"] for part in (panel, *panel["targets"])}


def test_lines_of_percentiles_show_exemplars():
    percentiles = [t for p in PANELS for t in p["targets"] if p["type"] == "timeseries" and "quantile" in t["expr"]]

    assert len(percentiles) == 6
    assert all(target["exemplar"] for target in percentiles)


def test_panels_stand_beside_each_other_and_not_on_each_other():
    boxes = [(p["title"], p["gridPos"]) for p in BOARD["panels"]]

    for _, box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["w"] <= 24
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart or above, (one, other)


def test_the_board_keeps_its_address_and_its_panels_their_numbers():
    assert BOARD["uid"] == "firsttoken-llm-calls"
    assert list(range(1, len(BOARD["panels"]) + 1)) == [panel["id"] for panel in BOARD["panels"]]
    assert [v["name"] for v in BOARD["templating"]["list"]] == ["datasource", "job", "provider", "model"]
