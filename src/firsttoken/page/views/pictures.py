"""Every view as a picture: at `/picture` and the address of the view, with the same parameters."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firsttoken.analyse import CallDetail, report
from firsttoken.analyse.arriving import HEALTH, HealthOptions
from firsttoken.analyse.asking import answered
from firsttoken.analyse.grouping import groups_of
from firsttoken.analyse.newest_traces import TraceCursor, newest_traces
from firsttoken.analyse.tracing import find_trace
from firsttoken.errors import SettingsError
from firsttoken.page.api import found_call
from firsttoken.page.budget_question import budgets_now
from firsttoken.page.compared_form import both_sides
from firsttoken.page.exports import NO_BUDGETS
from firsttoken.page.health_findings import findings
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.over_time import charts_of
from firsttoken.page.period import period_of
from firsttoken.page.pictures import of_call, of_compare, of_overview
from firsttoken.page.pictures.of_budgets import budgets_picture
from firsttoken.page.pictures.of_health import health_picture
from firsttoken.page.pictures.of_list import groups_picture, list_picture
from firsttoken.page.pictures.of_spend import spend_picture, what_if_picture
from firsttoken.page.pictures.of_traces import trace_picture, traces_picture
from firsttoken.page.pictures.picture import Picture
from firsttoken.page.pictures.plots import Rules
from firsttoken.page.question import TRACE_LETTERS, BadQuestion, Subject, read_cursor
from firsttoken.page.told_content import with_content
from firsttoken.page.vega import EVERY_RULE
from firsttoken.page.views.budgets import BudgetsView
from firsttoken.page.views.call import CallView
from firsttoken.page.views.calls import calls_of
from firsttoken.page.views.compare import CompareView
from firsttoken.page.views.overview import SPENT_BY, OverviewView, lists_of
from firsttoken.page.views.spend import MOST_REASONS, SpendQuestion, SpendView
from firsttoken.page.views.trace import name_of_root
from firsttoken.page.views.view import Site, View
from firsttoken.page.views.what_if import OWN, Asked, WhatIfView, scenario_name
from firsttoken.store import Selection

MOST_GROUPS: Final = 100
MOST_TRACES: Final = 50
MOST_SPANS: Final = 150


class PicturesView(View):
    """`/picture/...`."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._of_one = CallView(site)
        self._at_a_glance = OverviewView(site)
        self._of_money = SpendView(site)
        self._otherwise = WhatIfView(site)
        self._of_two = CompareView(site)
        self._held = BudgetsView(site)

    def routes(self) -> Sequence[Route]:
        return [
            Route("/picture/calls.png", self._calls),
            Route("/picture/calls/{trace_id}/{span_id}.png", self._call),
            Route("/picture/traces.png", self._traces),
            Route("/picture/traces/{trace_id}.png", self._trace),
            Route("/picture/overview.png", self._overview),
            Route("/picture/spend.png", self._spend),
            Route("/picture/what-if.png", self._what_if),
            Route("/picture/compare.png", self._compare),
            Route("/picture/budgets.png", self._budgets),
            Route("/picture/health.png", self._health),
        ]

    async def _calls(self, request: Request) -> Response:
        return await self.drawn("calls", self._of_calls, ListQuestion.read(request.query_params))

    def _of_calls(self, question: ListQuestion) -> Picture:
        store, by = self._site.store, question.by
        if by is None:
            return list_picture(calls_of(store, question), report(store, question.selection), question.first)
        groups = groups_of(store, by, question.selection, limit=MOST_GROUPS + 1)
        return groups_picture(groups, report(store, question.selection), by, MOST_GROUPS)

    async def _call(self, request: Request) -> Response:
        detail = await found_call(self._site.store, request)
        return await self.drawn("call", self._of_call, with_content(detail), await self._rules())

    def _of_call(self, detail: CallDetail, rules: dict[str, Rules]) -> Picture:
        return of_call.call_picture(detail, self._of_one.values_of(detail), rules)

    async def _traces(self, request: Request) -> Response:
        asked = Subject.read(request.query_params, also=("before",))
        return await self.drawn("traces", self._of_traces, asked, read_cursor(request.query_params, TRACE_LETTERS))

    def _of_traces(self, asked: Subject, before: TraceCursor | None) -> Picture:
        found = newest_traces(self._site.store, asked.selection, limit=MOST_TRACES + 1, before=before)
        return traces_picture(found, asked.selection, MOST_TRACES)

    async def _trace(self, request: Request) -> Response:
        trace_id = request.path_params["trace_id"].lower()
        return await self.drawn("trace", self._of_trace, trace_id, request.query_params.get("below"))

    def _of_trace(self, trace_id: str, below: str | None) -> Picture:
        found = find_trace(self._site.store, trace_id, below=below, limit=MOST_SPANS)
        if found is None:
            raise HTTPException(404, f"There is no trace {trace_id}{' with such a span' if below else ''}.")
        return trace_picture(found, name_of_root(found))

    async def _overview(self, request: Request) -> Response:
        asked = Subject.read(request.query_params)
        return await self.drawn("overview", self._of_overview, asked, await self._rules())

    def _of_overview(self, asked: Subject, rules: dict[str, Rules]) -> Picture:
        period, view = period_of(self._site.store, asked, time.time_ns()), self._at_a_glance
        with self._site.store.read() as reader:
            drawn = charts_of(reader, period.bounded)
        found = view.found_in(period)
        tables = (
            of_overview.standing_table(lists_of(found)),
            of_overview.spending_table([spent for spent in map(found.spent_by, SPENT_BY) if spent.is_said]),
        )
        return of_overview.overview_picture(period, view.tiles_of(period, found), drawn, rules, tables)

    async def _spend(self, request: Request) -> Response:
        return await self.drawn("spend", self._of_spend, SpendQuestion.read(request.query_params))

    def _of_spend(self, asked: SpendQuestion) -> Picture:
        period = self._of_money.period_of(asked)
        return spend_picture(period, asked.by, self._of_money.spent_of(period, asked), MOST_REASONS)

    async def _what_if(self, request: Request) -> Response:
        subject, asked = Subject.read(request.query_params, also=OWN), Asked.read(request.query_params)
        if not asked.scenarios:
            raise BadQuestion("nothing would be otherwise: say to, tier, batch or no_cache")
        return await self.drawn("what-if", self._of_what_if, subject, asked)

    def _of_what_if(self, subject: Subject, asked: Asked) -> Picture:
        period = period_of(self._site.store, subject, time.time_ns())
        answer = self._otherwise.answered_of(period.bounded, asked)
        return what_if_picture(period, answer, [scenario_name(scenario) for scenario in answer.scenarios])

    async def _compare(self, request: Request) -> Response:
        a, b = both_sides(request.query_params)
        if a == b:
            raise BadQuestion("A and B are the same calls: change one of them")
        return await self.drawn("compare", self._of_compare, a, b, await self._rules())

    def _of_compare(self, a: Selection, b: Selection, rules: dict[str, Rules]) -> Picture:
        return of_compare.compare_picture(a, b, self._of_two.compared_of(a, b), rules["spread"])

    async def _budgets(self, request: Request) -> Response:
        return await self.drawn("budgets", self._of_budgets)

    def _of_budgets(self) -> Picture:
        file = self._site.budgets
        if file is None:
            raise HTTPException(422, NO_BUDGETS)
        try:
            options = budgets_now(file)
        except SettingsError as error:
            raise HTTPException(422, str(error)) from error
        return budgets_picture(tuple(self._held.shown_of(options)), file, options.now_unix_ns)

    async def _health(self, request: Request) -> Response:
        return await self.drawn("health", self._of_health)

    def _of_health(self) -> Picture:
        store = answered(HEALTH, self._site.store, HealthOptions())
        return health_picture(store, findings(self._site.health(), store, time.time_ns()))

    async def _rules(self) -> dict[str, Rules]:
        """Of every chart, by its name."""
        return json.loads(await self._site.vega.part(EVERY_RULE))
