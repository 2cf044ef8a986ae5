"""Two selections side by side, with what chance alone would explain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from firsttoken.analyse.asking import check_attributes
from firsttoken.analyse.comparing import COMPARE, CompareAnswer, CompareOptions
from firsttoken.analyse.heatmap import HeatmapOptions, heatmap
from firsttoken.page import figures
from firsttoken.page.compared_form import SIDES, CompareForm, both_sides, compare_form, conditions
from firsttoken.page.filled import understood
from firsttoken.page.intervals import WIDTH, Bin, Line, distribution, lines, scale_of, tallest
from firsttoken.page.part import part
from firsttoken.page.period import period_of
from firsttoken.page.question import BadQuestion, Subject, compare_address
from firsttoken.page.rendering import wants_html
from firsttoken.page.views.view import View
from firsttoken.semconv.context import attribute_named
from firsttoken.store import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class Compared:
    """What the page shows."""

    answer: CompareAnswer
    lines: tuple[Line, ...]
    bins: tuple[Bin, ...]
    tallest: float
    scale: str
    """What the plots of the lines reach to, as a share of A's figure."""


class CompareView(View):
    """`/compare`."""

    here = "/compare"

    def routes(self) -> Sequence[Route]:
        return [Route("/compare", self._compare), Route("/compare/before", self._before)]

    async def _compare(self, request: Request) -> Response:
        parameters = dict(request.query_params)
        sides, mistakes = understood(both_sides, parameters)
        if mistakes and not wants_html(request.headers):
            raise BadQuestion(next(iter(mistakes.values())))
        if parameters.get("by") and not mistakes:
            by = attribute_named(parameters["by"])
            a, b = (
                replace(each, where={**each.where, by: parameters.get(name, "")})
                for name, each in zip(SIDES, sides, strict=True)
            )
            return RedirectResponse(compare_address(a, b), HTTPStatus.SEE_OTHER)
        form = compare_form(*sides, parameters, mistakes)
        return await run_in_threadpool(self._page, request, *sides, form)

    async def _before(self, request: Request) -> Response:
        """Some calls, and those of as much time before."""
        asked = Subject.read(request.query_params)
        period = await run_in_threadpool(period_of, self._site.store, asked, time.time_ns())
        if period.before is None:
            raise BadQuestion("there is no time before these calls to compare with: choose less time", "since")
        return RedirectResponse(compare_address(period.before, period.bounded), HTTPStatus.SEE_OTHER)

    def _page(self, request: Request, a: Selection, b: Selection, form: CompareForm) -> Response:
        return self.page_by_parts(
            "compare.html",
            request,
            HTTPStatus.BAD_REQUEST if form.mistakes else HTTPStatus.OK,
            a=a,
            b=b,
            form=form,
            conditions=conditions,
            is_asked=a != b and not form.mistakes,
            is_same=a == b != EVERYTHING and not form.mistakes,
            width=WIDTH,
            compared=part(lambda: self.compared_of(a, b)),
        )

    def compared_of(self, a: Selection, b: Selection) -> Compared:
        with self._site.store.read() as reader:
            answer = COMPARE.give(reader, CompareOptions(a=a, b=b))
            for side, calls in ((a, answer.a_calls), (b, answer.b_calls)):
                if not calls:
                    check_attributes(reader, side)
            bins = distribution(*(heatmap(reader, HeatmapOptions(selection=each)) for each in (a, b)))
        scale = f"{scale_of(answer.rows):.0%}".replace("%", f"{figures.SPACE}%")
        return Compared(answer, lines(answer.rows), bins, tallest(bins), scale)
