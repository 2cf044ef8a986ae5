"""Who and what the money went to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from firsttoken.analyse.asking import check_known
from firsttoken.analyse.columns import integer
from firsttoken.analyse.costs import CostAnswer, CostOptions, CostRow, cost, lines_of, together
from firsttoken.call.ledger import DIGITS
from firsttoken.page.part import part
from firsttoken.page.period import Period, period_of
from firsttoken.page.question import BadQuestion, Subject
from firsttoken.page.views.view import View

BY: Final = ("user", "feature", "session", "agent", "model", "provider", "service", "day")
"""What can be chosen; the address may say any other attribute."""
ALWAYS_KNOWN: Final = frozenset(BY)
"""No call may have said any of them yet."""
MOST_ROWS: Final = 100
MOST_REASONS: Final = 12
"""Kinds of calls without a price that are told apart."""
FEW: Final = 20_000
"""Calls of which what their caches saved is worked out without being asked for."""

SortKey = Callable[[CostRow], Any]
SORTS: Final[Mapping[str, SortKey]] = {
    "cost": lambda row: row.cost_total,
    "calls": lambda row: row.calls,
    "input": lambda row: row.input_tokens,
    "output": lambda row: row.output_tokens,
    "cached": lambda row: row.cache_hit_rate,
    "saved": lambda row: row.saved_by_cache,
    "unpriced": lambda row: row.unpriced_calls,
}
"""The most first, what is unknown last; in each currency by itself where there are several."""
NAME: Final = "name"
COLUMNS: Final = (
    (NAME, ""),
    ("cost", "Cost"),
    ("calls", "Calls"),
    ("input", "Tokens in"),
    ("output", "Tokens out"),
    ("cached", "Cache hits"),
    ("saved", "Saved by caches"),
    ("unpriced", "Unpriced"),
)
"""By what a click on the head of a column sorts. The first is called like what calls are told apart by."""


@dataclass(slots=True)
class Cut:
    """Streams of all groups that were cut before the final counts, by how they ended and in which currency."""

    outcome: str
    currency: str | None
    calls: int = 0
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What the table shows."""

    answer: CostAnswer
    again: bool
    """Whether what caches saved was worked out."""
    lines: tuple[CostRow, ...]
    others: tuple[CostRow, ...]
    """What is not shown, in each currency."""
    other_values: int
    """How many groups that is of."""
    cuts: tuple[Cut, ...]
    largest: Mapping[str | None, Decimal]
    """What the bars of a currency are drawn to the scale of."""


class SpendQuestion(NamedTuple):
    """What the address asks for."""

    subject: Subject
    by: str
    sort: str
    has_time: bool
    """Whether somebody waits for what caches saved, however many calls there are."""

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> SpendQuestion:
        """Raises BadQuestion."""
        subject = Subject.read(parameters, also=("by", "sort", "savings"))
        by, sort = parameters.get("by", BY[0]), parameters.get("sort", "cost")
        if sort not in {*SORTS, NAME}:
            raise BadQuestion(f"sort={sort!r} is no order: use {', '.join((*SORTS, NAME))}")
        if parameters.get("savings", "yes") != "yes":
            raise BadQuestion("savings must be yes, or not there")
        if not by:
            raise BadQuestion("by= must be the name of an attribute, for example by=user")
        return cls(subject, by, sort, "savings" in parameters)


class SpendView(View):
    """`/spend`."""

    here = "/spend"

    def routes(self) -> Sequence[Route]:
        return [Route("/spend", self._spend)]

    async def _spend(self, request: Request) -> StreamingResponse:
        return await run_in_threadpool(self._page, request, SpendQuestion.read(request.query_params))

    def period_of(self, asked: SpendQuestion) -> Period:
        """Raises SelectionError for what no call says."""
        period = period_of(self._site.store, asked.subject, time.time_ns())
        if asked.by not in ALWAYS_KNOWN and not period.is_empty:
            with self._site.store.read() as reader:
                check_known(reader, asked.by)
        return period

    def _page(self, request: Request, asked: SpendQuestion) -> StreamingResponse:
        period, by = self.period_of(asked), asked.by
        return self.page_by_parts(
            "spend.html",
            request,
            period=period,
            by=by,
            sort=asked.sort,
            columns=COLUMNS,
            most_reasons=MOST_REASONS,
            lines_of=lines_of,
            names=BY if by in BY else (*BY, by),
            spent=part(lambda: self.spent_of(period, asked)),
        )

    def spent_of(self, period: Period, asked: SpendQuestion) -> Spent:
        with self._site.store.read() as reader:
            (counted,) = reader.ask("call_count", None, period.bounded)
            again = asked.has_time or integer(counted, "calls") <= FEW
            answer = cost(reader, CostOptions(selection=period.bounded, group_by=(asked.by,), again=again))
        lines = sorted_by(asked.sort, lines_of(answer.rows))
        largest: dict[str | None, Decimal] = {}
        for line in lines:
            largest[line.currency] = max(largest.get(line.currency, Decimal(0)), line.cost_total or Decimal(0))
        others = lines[MOST_ROWS:]
        return Spent(
            answer,
            again,
            tuple(lines[:MOST_ROWS]),
            tuple(together(others)),
            len({line.group for line in others}),
            _cuts(answer),
            largest,
        )


def _cuts(answer: CostAnswer) -> tuple[Cut, ...]:
    found: dict[tuple[str, str | None], Cut] = {}
    with localcontext(prec=DIGITS):
        for each in answer.cut_streams:
            cut = found.setdefault((each.outcome, each.currency), Cut(each.outcome, each.currency))
            cut.calls += each.calls
            if each.at_least is not None:
                cut.at_least = (cut.at_least or Decimal(0)) + each.at_least
    return tuple(found.values())


def sorted_by(sort: str, lines: Any) -> list[CostRow]:
    """Python's sort keeps the order that there was among equals, which is the dearest first."""
    if sort == NAME:
        return sorted(lines, key=lambda row: [(value is None, value or "") for value in row.group])
    key = SORTS[sort]
    return sorted(lines, key=lambda row: (row.currency is None, row.currency or "", *_most_first(key(row))))


def _most_first(value: Any) -> tuple[bool, Any]:
    return (True, 0) if value is None else (False, -value)
