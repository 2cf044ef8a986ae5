"""The list of calls: the newest as they come, from any place on, in another order, or in groups."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from firsttoken.analyse import CallRow, cursor_of, recent_calls, report
from firsttoken.analyse.calls import calls_at, count_calls
from firsttoken.analyse.grouping import groups_of
from firsttoken.analyse.listing import CallsOptions
from firsttoken.analyse.listing import calls as ranked
from firsttoken.analyse.running import running_calls
from firsttoken.errors import SelectionError
from firsttoken.page.bar import scale_ms
from firsttoken.page.chips import Chip, chips
from firsttoken.page.find_form import OFFERED, find_form
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.ordered import COLUMNS, ORDERED
from firsttoken.page.question import LARGEST_INTEGER, LARGEST_LIMIT, CallsQuestion, read_integer
from firsttoken.page.rendering import render, wants_html
from firsttoken.page.views.refused_list import not_selectable
from firsttoken.page.views.view import View
from firsttoken.store import LiveWarehouse
from firsttoken.store.transfer import MOST_IN_ORDER

MOST_GROUPS: Final = 500
MOST_COUNTED: Final = 6
"""Conditions of which it is told how many calls there were without each."""


class CallsView(View):
    """`/`, and `/rows` for the part of it that somebody scrolls to."""

    here = "/"

    def routes(self) -> Sequence[Route]:
        return [Route("/", self._calls), Route("/rows", self._rows)]

    async def _calls(self, request: Request) -> Response:
        question = ListQuestion.read(request.query_params)
        store = self._site.store
        try:
            shown = await run_in_threadpool(_shown, store, question)
        except SelectionError as error:
            if not wants_html(request.headers):
                raise
            return not_selectable(self, request, question, error)
        return self.page_by_parts(
            "calls.html",
            request,
            question=question,
            selection=question.selection,
            form=find_form(question),
            offered=OFFERED,
            most_groups=MOST_GROUPS,
            most_in_order=MOST_IN_ORDER,
            ordered=ORDERED.get(question.first),
            ordered_column=COLUMNS[question.first],
            totals=lambda: report(store, question.selection),
            **shown,
        )

    async def _rows(self, request: Request) -> HTMLResponse:
        asked = RowsQuestion.read(dict(request.query_params))
        rows = await run_in_threadpool(asked.answer, self._site.store)
        common = {"ordered": None, "scale_ms": scale_ms(rows), "selection": asked.calls.selection}
        return HTMLResponse("".join(render("row.html", row=row, **common) for row in rows))


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """A part of the list: after a call, or after as many as there are before a place."""

    calls: CallsQuestion
    at: int | None
    """The place, counted from the newest call that started before `head`."""
    head_unix_ns: int

    @classmethod
    def read(cls, parameters: dict[str, str]) -> RowsQuestion:
        """Raises BadQuestion."""
        at = read_integer(parameters, "at", 0, LARGEST_INTEGER)
        head = read_integer(parameters, "head", 0, LARGEST_INTEGER)
        return cls(CallsQuestion.read(parameters, also=("at", "head")), at, LARGEST_INTEGER if head is None else head)

    def answer(self, store: LiveWarehouse) -> list[CallRow]:
        """Raises StoreError and SelectionError."""
        calls = self.calls
        if self.at is None:
            return recent_calls(store, calls.selection, limit=calls.limit, before=calls.before)
        return calls_at(store, calls.selection, offset=self.at, limit=calls.limit, until_unix_ns=self.head_unix_ns)


def _shown(store: LiveWarehouse, question: ListQuestion) -> dict[str, Any]:
    """What the list holds. Raises StoreError and SelectionError."""
    conditions = chips(question)
    groups = None
    rows: list[CallRow] = []
    if question.by is None:
        rows = calls_of(store, question)
    else:
        groups = groups_of(store, question.by, question.selection, limit=MOST_GROUPS)
    is_empty = not rows and not groups
    now_unix_ns = time.time_ns()
    running = running_calls(store, now_unix_ns, question.selection) if question.is_newest_first else ()
    return {
        "chips": conditions,
        "rows": rows,
        "groups": groups,
        "first_place": _place(store, question, rows),
        "head_unix_ns": _head(store, question, rows),
        "scale_ms": scale_ms(rows, running, now_unix_ns),
        "older": older_address(question, rows),
        "more": more_address(question, rows),
        "running": running,
        "now_unix_ns": now_unix_ns,
        "without": _without(store, conditions) if is_empty and question.calls.before is None else [],
    }


def calls_of(store: LiveWarehouse, question: ListQuestion) -> list[CallRow]:
    calls = question.calls
    if question.is_newest_first:
        return recent_calls(store, calls.selection, limit=calls.limit, before=calls.before)
    options = CallsOptions(selection=calls.selection, first=question.first, limit=calls.limit)
    with store.read() as reader:
        return list(ranked(reader, options).calls)


def _place(store: LiveWarehouse, question: ListQuestion, rows: list[CallRow]) -> int:
    """How many calls of the list are newer than those shown."""
    if question.calls.before is None or not rows:
        return 0
    after = rows[0].call.timing.started_unix_ns + 1
    since = question.selection.since_unix_ns
    return count_calls(store, replace(question.selection, since_unix_ns=max(after, since or 0)))


def _head(store: LiveWarehouse, question: ListQuestion, rows: list[CallRow]) -> int | None:
    """When the newest call of the list started; None where there is none."""
    newest = rows if question.calls.before is None else recent_calls(store, question.selection, limit=1)
    return newest[0].call.timing.started_unix_ns if newest else None


def _without(store: LiveWarehouse, conditions: list[Chip]) -> list[tuple[Chip, int]]:
    """How many calls there would be if one condition were dropped, for the first few."""
    return [(chip, count_calls(store, chip.rest.selection)) for chip in conditions[:MOST_COUNTED]]


def older_address(question: ListQuestion, rows: list[CallRow]) -> str | None:
    """Where the calls after these are; None where a page that is not full shows that there are none."""
    if not question.is_newest_first or len(rows) < question.calls.limit:
        return None
    return question.address(before=cursor_of(rows[-1]))


def more_address(question: ListQuestion, rows: list[CallRow]) -> str | None:
    """Where more of another order are, which has no places to go on from; None where there are none, or too many."""
    limit = question.calls.limit
    if question.is_newest_first or not limit <= len(rows) < LARGEST_LIMIT:
        return None
    return replace(question, calls=replace(question.calls, limit=LARGEST_LIMIT)).address()
