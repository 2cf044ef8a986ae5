"""The committed boards: their queries parse, name only what we emit, and every panel says what it shows."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from itertools import combinations

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, InMemoryMetricReader, Sum
from rules.recorded import BUDGET, groups

from firsttoken.call import Attempt, Call, Failure, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage
from firsttoken.emit import MetricEmitter
from firsttoken.emit.active_metrics import watch_active_calls
from firsttoken.emit.loss_metrics import watch_losses
from firsttoken.losses import note_loss
from firsttoken.pricing.beside_cost import BesideCost
from firsttoken.semconv import own
from firsttoken.semconv.metric import Metric
from firsttoken.semconv.prometheus import label, series
from firsttoken.spans.metrics import StreamMetrics

from .committed import BOARDS, every_panel, every_promql, filled_in
from .promtool import checked

PARTS = ("bucket", "sum", "count")
RECORDED = {rule["record"] for group in groups() for rule in group["rules"]} | {BUDGET}
EVERY_PANEL = pytest.mark.parametrize(
    "panel", [panel for _, panel in every_panel()], ids=[f"{name}: {panel['title']}" for name, panel in every_panel()]
)
EVERY_BOARD = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def emitted_names() -> set[str]:
    """What a Prometheus gets, from the real emitters."""
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])
    emitter = MetricEmitter(meters.get_meter("test"))
    call = Call(
        request=Request("chat", "openai", "openai.chat_completions", "model", True),
        timing=Timing(0, 3, first_chunk_ns=1, first_token_ns=1, last_chunk_ns=2),
        outcome=Outcome.COMPLETED,
        response=Response(empty="no_content"),
        usage=Usage(5, 5, cache_read_tokens=1, cache_write_tokens=1, reasoning_tokens=1),
        failure=Failure("overloaded_error", "Overloaded."),
        attempts=(Attempt(1, 1),),
    )
    paid = Ledger(1, 1, 1, 1, "USD", "list")
    for cost in (paid, Unpriced("unknown_model")):
        emitter.record(replace(call, cost=cost), None, BesideCost(saved_by_cache=1, so_far=paid))
    emitter.record(replace(call, request=replace(call.request, operation="embeddings")), None)
    emitter.record_gaps(call.request, None, [1])
    emitter.record_stalls(call.request, None, {"mid_stream": 1})
    watch_losses(meters)
    watch_active_calls(meters, lambda: [call.request])
    note_loss("spans", "queue_full")
    streams = StreamMetrics(meters.get_meter("test"))
    streams.began({})
    streams.ended(1.0, {}, "completed")
    names = set()
    for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics:
        for metric in scope.metrics:
            if isinstance(metric.data, Histogram):
                names |= {series(Metric(metric.name, "histogram", metric.unit), part) for part in PARTS}
            else:
                only_rises = isinstance(metric.data, Sum) and metric.data.is_monotonic
                kind = "counter" if only_rises else "up-down counter"
                names.add(series(Metric(metric.name, kind, metric.unit)))
    meters.shutdown()
    return names


@pytest.mark.system
def test_promtool_parses_every_query(tmp_path):
    result = checked(tmp_path, [filled_in(asked.expression) for asked in every_promql()])

    assert result.returncode == 0, result.stderr


@pytest.mark.system
def test_promtool_would_refuse_a_query_that_does_not_parse(tmp_path):
    assert checked(tmp_path, ["sum(rate(calls_total[5m])"]).returncode != 0


def test_no_variable_is_left_that_the_board_does_not_have():
    left = {word for asked in every_promql() for word in re.findall(r"\$\w+", filled_in(asked.expression))}

    assert set() == left


def test_every_series_that_a_query_names_is_one_that_we_emit_or_record():
    named = {name for asked in every_promql() for name in re.findall(r"([\w:]+)\{", asked.expression)}

    assert named
    assert {"target_info"} == named - emitted_names() - RECORDED


def test_every_recorded_series_that_a_query_names_is_recorded():
    named = {name for asked in every_promql() for name in re.findall(r"firsttoken:\w+:\w+", asked.expression)}

    assert named
    assert set() == named - RECORDED


def test_every_series_that_a_rule_names_is_one_that_we_emit_or_record():
    expressions = [rule["expr"] for group in groups() for rule in group["rules"]]
    named = {
        name for expression in expressions for name in re.findall(r"\bfirsttoken[\w:]+|\bgen_ai_client_\w+", expression)
    }
    labels = set(re.findall(r"(\w+)=", " ".join(expressions))) | {"firsttoken_cost_currency"}

    assert set() == named - labels - emitted_names() - RECORDED


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


@EVERY_PANEL
def test_every_panel_says_what_it_shows_in_which_unit_and_what_is_missing_when_it_is_empty(panel):
    defaults = panel["fieldConfig"]["defaults"]
    units = [p["value"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"]

    assert panel["description"].endswith(".")
    assert re.match(r"no |nothing ", defaults["noValue"])
    assert defaults.get("unit") or units or panel["type"] in {"logs", "traces"}
    assert len({part["datasource"]["uid"] for part in (panel, *panel["targets"])}) == 1
    assert panel["datasource"]["uid"].startswith("${")


@EVERY_PANEL
def test_lines_have_a_legend_with_values_and_every_line_a_name(panel):
    if panel["type"] != "timeseries":
        return
    assert panel["options"]["legend"]["calcs"] == ["mean", "max", "lastNotNull"]
    assert all(target.get("legendFormat") or "rawSql" in target for target in panel["targets"])


def test_rates_are_over_several_of_the_minutes_at_which_an_sdk_tells_of_its_metrics():
    assert {"1m"} == {asked.target.get("interval") for asked in every_promql()}


@EVERY_PANEL
def test_what_is_counted_is_told_by_the_minute_and_says_so(panel):
    if panel["type"] != "timeseries" or panel["datasource"]["type"] != "prometheus":
        return
    by_the_minute = [target["expr"].startswith("60 * ") for target in panel["targets"]]
    unit = panel["fieldConfig"]["defaults"]["unit"]

    assert set(by_the_minute) == {unit.endswith("/min")}
    assert not by_the_minute[0] or "minute" in panel["title"] + panel["description"].lower()
    assert "per second" not in (panel["title"] + panel["description"]).lower()


AMOUNTS = {series(metric) for metric in (own.COST, own.CUT_COST, own.CACHE_SAVINGS)}


@EVERY_PANEL
def test_no_amounts_of_two_currencies_are_stacked_or_sorted_by(panel):
    asked = json.dumps(panel["targets"])
    is_about_money = "cost_total" in asked or any(name in asked for name in AMOUNTS)
    stacking = panel["fieldConfig"]["defaults"].get("custom", {}).get("stacking", {}).get("mode", "none")
    if is_about_money and stacking != "none":
        assert all("$currency" in target["expr"] for target in panel["targets"])
    if is_about_money and panel["type"] == "table" and "currency" in json.dumps(panel["fieldConfig"]["overrides"]):
        assert panel["options"]["sortBy"][0] == {"displayName": "currency", "desc": True}


def test_lines_of_percentiles_show_exemplars():
    percentiles = [
        asked
        for asked in every_promql()
        if asked.panel["type"] == "timeseries" and asked.expression.startswith("histogram_quantile")
    ]

    assert len(percentiles) > 10
    assert [str(asked) for asked in percentiles if not asked.target["exemplar"]] == []


@EVERY_BOARD
def test_panels_stand_beside_each_other_and_not_on_each_other(board):
    boxes = [(p["title"], p["gridPos"]) for p in board["panels"]]

    for _, box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["w"] <= 24
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart or above, (one, other)


@EVERY_BOARD
def test_every_row_is_filled_from_edge_to_edge(board):
    widths: dict[int, int] = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        widths[place["y"]] = widths.get(place["y"], 0) + place["w"]

    assert set(widths.values()) == {24}


@EVERY_BOARD
def test_a_board_numbers_its_panels_in_order_and_says_each_title_once(board):
    titles = [panel["title"] for panel in board["panels"]]

    assert list(range(1, len(titles) + 1)) == [panel["id"] for panel in board["panels"]]
    assert len(titles) == len(set(titles))


def test_boards_keep_their_addresses():
    assert {name: board["uid"] for name, board in BOARDS.items()} == {
        "clickhouse/cost": "firsttoken-clickhouse-cost",
        "clickhouse/latency": "firsttoken-clickhouse-latency",
        "cost": "firsttoken-cost",
        "errors": "firsttoken-errors",
        "fleet-health": "firsttoken-fleet",
        "jaeger/calls": "firsttoken-calls",
        "latency": "firsttoken-latency",
        "overview": "firsttoken-overview",
        "streaming": "firsttoken-streaming",
        "tempo/calls": "firsttoken-calls",
    }


@EVERY_BOARD
def test_whatever_a_query_asks_for_can_be_chosen_on_its_board(board):
    asked = json.dumps([panel["targets"] for panel in board["panels"] if panel["type"] != "row"])
    asked += json.dumps([panel["datasource"] for panel in board["panels"] if panel["type"] != "row"])

    named = {name for name in re.findall(r"\$\{?(\w+)", asked) if not name.startswith("__")}

    assert {variable["name"] for variable in board["templating"]["list"]} >= named


OF_EVERYBODY = ("cost: Budget burn", "fleet-health: Queues of the Collector", "fleet-health: What the Collector")
"""A budget and a Collector are those of all services."""


@pytest.mark.parametrize("name", ["service", "environment"])
def test_whatever_a_board_shows_of_a_service_is_that_of_the_chosen_one(name):
    others = [str(asked) for asked in every_promql() if f"${name}" not in asked.expression]

    assert [asked for asked in others if not asked.startswith(OF_EVERYBODY)] == []


def test_every_link_leads_to_a_board_that_is_there():
    text = json.dumps(BOARDS)

    assert {board["uid"] for board in BOARDS.values()} >= set(re.findall(r"/d/([\w-]+)", text))


@EVERY_BOARD
def test_the_foundation_sdk_reads_a_board_back_without_losing_anything(board):
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # It would have the newer model of boards, which old ones lack.
        from grafana_foundation_sdk.cog.encoder import JSONEncoder
        from grafana_foundation_sdk.cog.plugins import register_default_plugins
        from grafana_foundation_sdk.models.dashboard import Dashboard

        register_default_plugins()
        read = Dashboard.from_json(board)

    assert board == json.loads(json.dumps(read, cls=JSONEncoder))
