"""Two services whose calls have gone through the gateway, and the boards and rules that show them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from dashboards.committed import Asked, every_promql, filled_in
from dashboards.promtool import FOLDER as RULES
from e2e.application import COMPLETED, CUT, EMBEDDED, FAILED, TRUNCATED, Application, application
from e2e.gateway import TRUSTED
from e2e.gateway import gateway as gateway_at
from e2e.programs import prometheus
from e2e.queries import values
from e2e.sink import Received, grpc_sink, http_sink
from patience import until
from rules.objectives import WINDOWS
from rules.recorded import bad_share, budget_burn

from firsttoken.losses import note_loss

CALLS = 'sum by (gen_ai_request_model) (gen_ai_client_inference_duration_seconds_count{job="%s"})'
FIRST_TOKENS = 'sum by (gen_ai_request_model) (firsttoken_client_time_to_first_token_seconds_count{job="%s"})'
OF_SHOP = (COMPLETED, FAILED, CUT, TRUNCATED, EMBEDDED)
EVERY_RULE = [RULES / "recording.yaml", RULES / "budgets.example.yaml", RULES / "alerts.yaml"]
MADE = {"shop": [1, 3], "desk": [1]}
"""How many inferences of each model in a round."""
EVERY_QUERY = pytest.mark.parametrize("query", every_promql(), ids=str)
EMPTY = {
    "cost: Cost per call against last week A": "needs a week of data",
    "latency: First token p95 against last week A": "needs a week of data",
    **{f"fleet-health: What the Collector gave up {signal}": "all is delivered" for signal in "ABC"},
}
"""Queries without an answer here, and why."""
OF_EVERYBODY = ("cost: Budget burn", "fleet-health: Queues of the Collector", "fleet-health: What the Collector")
"""A budget and a Collector are those of all services, whichever is chosen."""


@contextmanager
def filled(
    binary: Path,
    folder: Path,
    configurations: Sequence[str] = TRUSTED,
    *,
    metrics: bool = True,
    store: Callable[..., AbstractContextManager[str]] = prometheus,
    **environment: str,
) -> Iterator[tuple[Received, Received, str]]:
    """What the back ends got: the spans, the logs, and Prometheus's URL. `desk` never failed, `shop` did.

    Without `metrics` the services send none, and say so. `store` is what stands in Prometheus's place.
    """
    place = gateway_at(binary, folder, **environment)
    with (
        http_sink(place.logs) as (_, at_logs),
        grpc_sink(place.traces) as at_traces,
        store(folder, place.prometheus, EVERY_RULE, scraped=[place.own_metrics]) as prometheus_url,
        place.running(*configurations),
        application(f"127.0.0.1:{place.grpc}", "shop", metrics=metrics) as shop,
        application(f"127.0.0.1:{place.grpc}", "desk", metrics=metrics) as desk,
    ):
        live(shop, desk, prometheus_url)
        until(lambda: values(prometheus_url, 'rate({__name__=~"otelcol_receiver_refused_spans(_total)?"}[5m])'))
        yield at_traces, at_logs, prometheus_url


def live(shop: Application, desk: Application, url: str) -> None:
    """Two rounds of calls. Returns when all is there, and the rules that come last are worked out of it."""
    for round_number in (1, 2):
        if round_number == 2:
            note_loss("spans", "queue_full")  # The first: before it each service has said that it lost nothing.
        for app, calls in ((shop, OF_SHOP), (desk, (COMPLETED,))):
            for call in calls:
                app.call(call)
            app.stall_and_serve()
            app.send()
        for service, made in MADE.items():
            expected = [number * round_number for number in made]
            for count in (CALLS, FIRST_TOKENS):
                until(lambda question=count % service, e=expected: sorted(values(url, question)) == e)
    for window in WINDOWS:
        for last in (budget_burn(window), bad_share("lost", window)):
            until(lambda worked_out=f'{last}{{job="shop"}}': values(url, worked_out))


def check_answered(url: str, query: Asked, empty: Container[str] = EMPTY) -> None:
    """What is asked about `shop` has an answer, but for what is known to be empty."""
    found = values(url, asked_for(query.expression, "shop"))
    assert bool(found) != (str(query) in empty), "is empty" if not found else "has data: take it off the list"
    assert all(value >= 0 for value in found)


def check_silent(url: str, query: Asked, empty: Container[str] = EMPTY) -> None:
    """What is asked about a service without calls has none, but for what is of everybody."""
    found = values(url, asked_for(query.expression, "nobody"))
    assert (found == []) != (str(query).startswith(OF_EVERYBODY) and str(query) not in empty)


def asked_for(expression: str, service: str) -> str:
    """For one service and the last five minutes."""
    return filled_in(expression, "5m", service=service, environment="prod")


def figure(title: str) -> str:
    return next(
        asked.expression for asked in every_promql() if (asked.board, asked.panel["title"]) == ("overview", title)
    )
