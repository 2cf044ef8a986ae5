"""The boards show calls of which spans alone are sent, as `span-metrics.yaml` counts them."""

from __future__ import annotations

from itertools import chain

import pytest
from dashboards.committed import every_promql
from e2e.dashboards.filled import EMPTY as ALWAYS_EMPTY
from e2e.dashboards.filled import EVERY_QUERY, check_answered, check_silent, filled
from e2e.gateway import TRUSTED
from e2e.programs import free_ports

pytestmark = pytest.mark.timeout(900)

COUNTED = (*TRUSTED, "span-metrics.yaml")
WITHOUT = {
    "what a call would have cost without a cache is on no span": (
        "cost: Saved by caches",
        "overview: Saved by caches",
    ),
    "the span of a cut stream has tokens, and no cost": (
        "cost: Cut streams",
        "streaming: Cut streams, at least",
        "streaming: Cost of cut streams",
    ),
    "a span has the largest gap between chunks, and not each": (
        "latency: Time between chunks",
        "streaming: Between chunks",
        "streaming: Spread of the time between chunks",
        "streaming: Time between chunks",
    ),
    "a span comes when its call has ended": ("fleet-health: Calls that run", "overview: Running now"),
    "how a stream of the application's own server ended is on no span": (
        "streaming: How they end",
        "streaming: How long they last",
        "streaming: Open streams",
    ),
    "no process tells of itself": (
        "fleet-health: Failed exports of metrics",
        "fleet-health: Losses",
        "fleet-health: Lost calls A",
        "fleet-health: Lost log records",
        "fleet-health: Lost spans",
        "fleet-health: Processes",
        "fleet-health: Services",
        "overview: Lost telemetry",
    ),
}
"""Why spans have no answer, and which queries ask for it, by how these begin."""
EMPTY = {*ALWAYS_EMPTY, *(str(q) for q in every_promql() if str(q).startswith(tuple(chain(*WITHOUT.values()))))}


@pytest.fixture(scope="module")
def gateway(collector_binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    [port] = free_ports(1)
    soon = {"SPAN_METRICS_LISTEN": f"127.0.0.1:{port}", "SPAN_METRICS_EVERY": "1s"}
    with filled(collector_binary, folder, COUNTED, metrics=False, **soon) as back_ends:
        yield back_ends


@EVERY_QUERY
def test_every_query_of_every_board_has_an_answer_or_a_reason_why_spans_have_none(gateway, query):
    check_answered(gateway[2], query, EMPTY)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_and_neither_zero_nor_nan(gateway, query):
    check_silent(gateway[2], query, EMPTY)


def test_the_spans_go_on_as_they_came(gateway):
    at_traces, _, _ = gateway

    at_traces.wait_for("spans", 12)
    ours = {"stalls.mid_stream", "retries", "firsttoken.usage.known"}
    assert not ours & {name for span in at_traces.spans for name in span.attributes}
