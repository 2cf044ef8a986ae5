"""Some time at a glance: figures, charts, the calls that stand out, and who spent the most."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from firsttoken.analyse import report
from firsttoken.analyse.answers import CallRow
from firsttoken.analyse.listing import CallsOptions, First, calls
from firsttoken.analyse.spending import Spending, spending
from firsttoken.call import Call, Ledger
from firsttoken.page import figures
from firsttoken.page.headline import Tile, tiles
from firsttoken.page.over_time import charts_of
from firsttoken.page.part import part
from firsttoken.page.period import Period, period_of
from firsttoken.page.question import Subject, address_of, read_selection
from firsttoken.page.views.view import View
from firsttoken.store import Selection, Warehouse

LISTED: Final = 5
SPENDERS: Final = 5
SPENT_BY: Final = ("user", "feature", "session", "model")
CHARTS: Final = ("percentiles", "heatmap", "counts", "amounts")
LISTS: Final[Mapping[First, str]] = {
    "gap": "Largest token gaps",
    "slowest": "Slowest calls",
    "stalled": "Most stalled calls",
    "costliest": "Costliest calls",
}


PLACES: Final[Mapping[First, str]] = {"gap": "#largest-gap", "stalled": "#largest-gap"}
"""Where on the page of a call that is."""


def _paid(call: Call) -> str:
    return figures.money(call.cost.total, call.cost.currency) if isinstance(call.cost, Ledger) else figures.UNKNOWN


FIGURES: Final[Mapping[First, Callable[[Call], tuple[str, str]]]] = {
    "gap": lambda call: (figures.duration_ns(call.timing.largest_gap_ns), ""),
    "slowest": lambda call: (figures.duration_ns(call.timing.duration_ns), ""),
    "stalled": lambda call: (
        figures.duration_ns(call.timing.stalled_ns),
        f"in {figures.counted(call.timing.stall_count or 0, 'stall')}",
    ),
    "costliest": lambda call: (_paid(call), ""),
}
"""What a call stands in a list for, and what else is to be known of that."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One call of a list, and the figure that it stands there for."""

    row: CallRow
    figure: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Some calls that stand out, the most first; what was paid in one currency says nothing of another."""

    title: str
    first: First
    standing: Mapping[str | None, Sequence[Standing]]
    """By currency, where calls stand there for what they cost. Every currency has at least one of them."""


class Found:
    """What the overview is made of, each asked for once however many of its parts show it."""

    def __init__(self, store: Warehouse, selection: Selection) -> None:
        self._store = store
        self._selection = selection
        self.spent_by = cache(self._spent_by)
        self.standing = cache(self._standing)

    def _spent_by(self, attribute: str) -> Spending:
        return spending(self._store, attribute, self._selection, most=SPENDERS)

    def _standing(self, first: First) -> Sequence[CallRow]:
        with self._store.read() as reader:
            return calls(reader, CallsOptions(selection=self._selection, first=first, limit=LISTED)).calls


class OverviewView(View):
    """`/overview`, and the points of its charts."""

    here = "/overview"

    def routes(self) -> Sequence[Route]:
        return [Route("/overview", self._overview), Route("/overview/points", self._points)]

    async def _overview(self, request: Request) -> StreamingResponse:
        asked = Subject.read(request.query_params)
        self._site.vega.prepare(*CHARTS)
        return await run_in_threadpool(self._page, request, asked)

    def _page(self, request: Request, asked: Subject) -> StreamingResponse:
        period = period_of(self._site.store, asked, time.time_ns())
        found = self.found_in(period)
        return self.page_by_parts(
            "overview.html",
            request,
            period=period,
            points=address_of("/overview/points", period.bounded),
            tiles=part(lambda: self.tiles_of(period, found)),
            lists=part(lambda: lists_of(found)),
            spendings=part(lambda: [spent for spent in map(found.spent_by, SPENT_BY) if spent.is_said]),
        )

    def found_in(self, period: Period) -> Found:
        return Found(self._site.store, period.bounded)

    def tiles_of(self, period: Period, found: Found) -> list[Tile]:
        store, before = self._site.store, period.before
        earlier = None if before is None else report(store, before)
        widest = next(iter(found.standing("gap")), None)
        now = report(store, period.bounded)
        return list(tiles(period, now, earlier, widest, found.spent_by(SPENT_BY[0])))

    async def _points(self, request: Request) -> Response:
        selection = read_selection(request.query_params)
        return await run_in_threadpool(self._drawn, selection)

    def _drawn(self, selection: Selection) -> Response:
        with self._site.store.read() as reader:
            charts = charts_of(reader, selection)
        return JSONResponse({name: asdict(chart) for name, chart in charts.items()})


def lists_of(found: Found) -> list[Listed]:
    return [Listed(title, first, _standing(found.standing(first), first)) for first, title in LISTS.items()]


def _standing(rows: Sequence[CallRow], first: First) -> Mapping[str | None, Sequence[Standing]]:
    """Several currencies share the places of the list, rounded up."""
    found: dict[str | None, list[Standing]] = {}
    for row in rows:
        cost = row.call.cost
        kind = cost.currency if first == "costliest" and isinstance(cost, Ledger) else None
        found.setdefault(kind, []).append(_stands(row, first))
    places = math.ceil(LISTED / max(1, len(found)))
    return {kind: standing[:places] for kind, standing in found.items()}


def _stands(row: CallRow, first: First) -> Standing:
    figure, note = FIGURES[first](row.call)
    address = f"/calls/{row.trace_id}/{row.span_id}"
    return Standing(row, figure, note, f"{address}{PLACES.get(first, '')}")
