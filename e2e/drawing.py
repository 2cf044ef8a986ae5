"""Boards drawn by Grafana's own components in a browser, from what Prometheus or ClickHouse answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler
from typing import Any

from clickhouse_connect.driver.client import Client
from dashboards import asked_of_clickhouse
from dashboards.committed import filled_in
from playwright.sync_api import Browser, Page

from e2e.http_server import Quiet, answering
from e2e.programs import built
from e2e.queries import asked
from e2e.stores import Tempo, attributes
from e2e.testbed.grafana_ui import GRAFANA_UI

WIDTH, HEIGHT = 1304, 4000
"""Higher than any board: a browser leaves out what is not in sight."""


@dataclass(frozen=True)
class Period:
    """What a board shows: seconds since 1970, and how many lie between two values of a line."""

    start: float
    end: float
    step: int

    @property
    def rate_interval(self) -> str:
        """As Grafana works it out for metrics that are told of once a minute."""
        return f"{max(4 * 60, self.step + 60)}s"


def prometheus_answers(url: str, board: Mapping[str, Any], period: Period, **chosen: str) -> dict[int, list[Any]]:
    """By panel, what each of its queries gives when these values are chosen on top of the board."""
    asked_by = {panel["id"]: panel.get("targets", []) for panel in board["panels"]}
    return {
        panel: [_answer(url, target, period, chosen) for target in targets if of_prometheus(target)]
        for panel, targets in asked_by.items()
    }


def of_prometheus(target: Mapping[str, Any]) -> bool:
    return target["datasource"]["type"] == "prometheus"


def _answer(url: str, target: Mapping[str, Any], period: Period, chosen: Mapping[str, str]) -> dict[str, Any]:
    window = f"{int(period.end - period.start)}s"
    query = filled_in(target["expr"], window, **{"__rate_interval": period.rate_interval, **chosen})
    if target.get("instant"):
        return {"refId": target["refId"], "result": asked(url, "query", query=query, time=str(period.end))["result"]}
    span = {"query": query, "start": str(period.start), "end": str(period.end)}
    found = asked(url, "query_range", **span, step=str(period.step))["result"]
    exemplars = asked(url, "query_exemplars", **span) if target.get("exemplar") else []
    return {
        "refId": target["refId"],
        "result": found,
        "exemplars": [e for line in exemplars for e in line["exemplars"]],
    }


def clickhouse_answers(client: Client, board: Mapping[str, Any], period: Period, by: str) -> dict[int, list[Any]]:
    """By panel, what each of its questions gives when all calls are chosen, grouped `by` one of the board's words."""
    over = asked_of_clickhouse.Range(int(period.start * 1000), int(period.end * 1000), period.step * 1000)

    def answer(target: Mapping[str, Any]) -> dict[str, Any]:
        sql = asked_of_clickhouse.filled_in(target["rawSql"], over, by)
        return {"refId": target["refId"], "columns": _columns(client, sql)}

    return {panel["id"]: [answer(target) for target in panel.get("targets", [])] for panel in board["panels"]}


def tempo_answers(store: Tempo, board: Mapping[str, Any], **chosen: str) -> dict[int, list[Any]]:
    """By panel that lists spans, the columns that Grafana's data source makes of what Tempo finds."""
    return {
        panel["id"]: [
            {"refId": target["refId"], "columns": _of_spans(store.searched(filled_in(target["query"], **chosen)))}
            for target in panel["targets"]
        ]
        for panel in board["panels"]
        if panel["type"] == "table"
    }


def _of_spans(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest first. Attributes stand between, by name."""
    traces = sorted(traces, key=lambda trace: int(trace["startTimeUnixNano"]), reverse=True)
    spans = [(trace, span) for trace in traces for found in trace["spanSets"] for span in found["spans"]]
    told = [attributes(span) for _, span in spans]
    names = sorted({name for each in told for name in each}) if spans else []
    return [
        _column("Trace Service", "string", [trace.get("rootServiceName", "") for trace, _ in spans], width=200),
        _column("Trace Name", "string", [trace.get("rootTraceName", "") for trace, _ in spans], width=200),
        _column("Span ID", "string", [span["spanID"] for _, span in spans], width=200, unit="string"),
        _column("Start time", "time", [int(span["startTimeUnixNano"]) / 1e6 for _, span in spans]),
        _column("Name", "string", [span.get("name", "") for _, span in spans]),
        *(_column(name, "string", [each.get(name) for each in told]) for name in names),
        _column("Duration", "number", [int(span["durationNanos"]) for _, span in spans], width=120, unit="ns"),
    ]


def _column(name: str, kind: str, values: list[Any], width: int | None = None, **config: str) -> dict[str, Any]:
    custom = {} if width is None else {"custom": {"width": width}}
    return {"name": name, "type": kind, "values": values, "config": {**config, **custom}}


def _columns(client: Client, sql: str) -> list[dict[str, Any]]:
    """As Grafana's plugin tells of them. A date is milliseconds."""
    found = client.query(sql)
    return [
        {"name": name, "type": _kind(kind.name), "values": [_plain(value) for value in values]}
        for name, kind, values in zip(found.column_names, found.column_types, found.result_columns, strict=True)
    ]


def _kind(name: str) -> str:
    if "DateTime" in name:
        return "time"
    return "string" if "String" in name else "number"


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=UTC).timestamp() * 1000 if isinstance(value, datetime) else value


class Easel:
    """A page on which boards are drawn, one after another. What goes wrong on it is in `errors`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", lambda r: self.errors.append(r.url) if r.status >= 400 else None)

    def draw(
        self,
        board: Mapping[str, Any],
        answers: Mapping[int, list[Any]],
        period: Period,
        mode: str,
        chosen: Mapping[str, str] | None = None,
    ) -> None:
        """Returns when it is painted."""
        shown = [
            (each["label"], (chosen or {}).get(each["name"], _usual(each))) for each in board["templating"]["list"]
        ]
        self.page.evaluate(
            "window.drawn",
            {
                "board": board,
                "mode": mode,
                "from": period.start * 1000,
                "to": period.end * 1000,
                "step": period.step,
                "answers": {str(panel): given for panel, given in answers.items()},
                "variables": shown,
            },
        )


def _usual(variable: Mapping[str, Any]) -> str:
    if variable["type"] == "datasource":
        kind = variable["query"]
        return variable["label"] if kind == asked_of_clickhouse.KIND else kind.capitalize()
    first = variable["query"].split(",")[0] if variable["type"] in {"custom", "textbox"} else ""
    return variable.get("current", {}).get("text") or first


@contextmanager
def easel(browser: Browser) -> Iterator[Easel]:
    folder = built(GRAFANA_UI, "page")
    with (
        answering(partial(_Files, directory=str(folder))) as url,
        closing(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")) as page,
    ):
        made = Easel(page)
        page.goto(f"{url}/index.html")
        page.wait_for_function("() => Boolean(window.drawn)")
        yield made


class _Files(Quiet, SimpleHTTPRequestHandler):
    """Those of a folder."""
