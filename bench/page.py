"""How soon the page answers with a million calls in the store: its lists, filters, searches and charts, over HTTP
and in a browser."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from bench import painted
from bench.figures import Figure, Spread, Table
from bench.served import Served, served
from bench.store import write_calls
from firsttoken.store import Store

CALLS: Final = 1_000_000
STORE: Final = "FIRSTTOKEN_BENCH_STORE"
"""A variable that names a store of generated calls: it is taken, or made where there is none and left there."""
ASKED: Final = 7
AIM_MS: Final = 500.0

ADDRESSES: Final[Mapping[str, str]] = {
    "the list": "/",
    "the list, of one model": "/?model=gpt-4o",
    "the list, of one user": "/?where.user.id=user-77",
    "the list, by an attribute without a column": "/?where.app.feature=search",
    "the list, by a resource attribute": "/?where.telemetry.sdk.language=python",
    "the list, by an attribute that no call says so": "/?where.app.feature=nothing",
    "the list, from 5 s to the first token": "/?at_least.first_token=5",
    "the list, a word of many calls searched": "/?search=claude",
    "the list, an id of one call searched": "/?search={id}",
    "the list, a word of no call searched": "/?search=nothing+has+this",
    "the slowest": "/?first=slowest",
    "the costliest": "/?first=costliest",
    "the most stalled": "/?first=stalled",
    "the largest gaps": "/?first=gap",
    "in groups by model": "/?by=model",
    "in groups by user": "/?by=user",
    "scrolled to call 500,000": "/rows?at=500000",
    "scrolled to call 100,000 of one model": "/rows?at=100000&model=gpt-4o",
    "one call": "/calls/{call}",
    "overview": "/overview?since=0",
    "overview, its charts": "/overview/points?since=0",
    "spend": "/spend",
    "traces": "/traces",
    "report, as JSON": "/api/answers/report?options={{}}",
    "trend, as JSON": "/api/answers/trend?options={{}}",
    "trend by model, as JSON": '/api/answers/trend?options={{"group_by":["model"]}}',
    "heatmap, as JSON": "/api/answers/heatmap?options={{}}",
}
"""What is looked at, and where. What stands in braces is known once there are calls."""


@dataclass
class _Taken:
    """What one address took, each time that it was asked."""

    first_ms: list[float] = field(default_factory=list[float])
    """To the first part of the page, which a browser can paint."""
    whole_ms: list[float] = field(default_factory=list[float])
    processor_ms: list[float] = field(default_factory=list[float])


def measure() -> list[Table]:
    with _store() as path, served(path) as server:
        known = _known(server)
        taken = {what: _asked(server, address.format(**known)) for what, address in ADDRESSES.items()}
        paint = painted.measure(server)
    return [
        paint,
        _table("page_first", "To the first part of a page", {what: each.first_ms for what, each in taken.items()}),
        _table("page", "To the whole page", {what: each.whole_ms for what, each in taken.items()}),
        Table(
            "page_worst",
            f"To the whole page, the longest of {ASKED}",
            "ms",
            tuple(_figure(what, [max(each.whole_ms)], AIM_MS) for what, each in taken.items()),
        ),
        Table(
            "page_processor",
            "Processor time of the server for the whole page, all threads",
            "ms",
            tuple(_figure(what, each.processor_ms, None) for what, each in taken.items()),
        ),
    ]


@contextmanager
def _store() -> Generator[Path]:
    named = os.environ.get(STORE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(named or f"{folder}/page.duckdb")
        if not path.exists():
            with Store.open(path) as store:
                write_calls(store, 0, CALLS)
        yield path


def _known(server: Served) -> dict[str, str]:
    """Of the newest call."""
    (row,) = json.loads(_answer(server, "/api/calls?limit=1")[0])
    return {"id": quote(row["call"]["response"]["id"]), "call": f"{row['trace_id']}/{row['span_id']}"}


def _asked(server: Served, address: str) -> _Taken:
    taken = _Taken()
    for _ in range(ASKED):
        before_s, began = server.processor_s(), time.perf_counter()
        _, first_s = _answer(server, address)
        taken.whole_ms.append((time.perf_counter() - began) * 1000)
        taken.first_ms.append((first_s - began) * 1000)
        taken.processor_ms.append((server.processor_s() - before_s) * 1000)
    return taken


def _answer(server: Served, address: str) -> tuple[bytes, float]:
    """All of it, and when its first part had come."""
    connection = http.client.HTTPConnection(server.page, timeout=60)
    connection.request("GET", quote(address, safe="/?&=+:,.-%"))
    response = connection.getresponse()
    first = response.read1()
    first_s = time.perf_counter()
    whole = first + response.read()
    connection.close()
    if response.status != http.HTTPStatus.OK:
        raise SystemExit(f"{address} is answered with {response.status}: {whole[:200]!r}")
    return whole, first_s


def _table(name: str, title: str, taken: Mapping[str, list[float]]) -> Table:
    return Table(name, title, "ms", tuple(_figure(what, values, AIM_MS) for what, values in taken.items()))


def _figure(what: str, values: list[float], aim: float | None) -> Figure:
    return Figure(what, 0, Spread.of(values), aim)
