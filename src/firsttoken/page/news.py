"""What an open list does not know yet: rows of new calls, those that run, and the sums that they change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self, TypedDict

from firsttoken.analyse import CallRow, recent_calls, report
from firsttoken.analyse.calls import count_calls
from firsttoken.analyse.running import running_calls
from firsttoken.page import figures
from firsttoken.page.bar import scale_ms
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.question import LARGEST_INTEGER, BadQuestion, read_integer
from firsttoken.page.rendering import render
from firsttoken.store import LiveWarehouse

NEWER_THAN: Final = "newer_than"


@dataclass(frozen=True, slots=True)
class NewsQuestion:
    """What somebody who looks at a list wants to be told of it."""

    list: ListQuestion
    newer_than_unix_ns: int | None = None
    """When the newest call started that is on the page of somebody who reads further down: he is told how many newer
    ones there are, and no rows."""

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Raises BadQuestion."""
        question = ListQuestion.read(parameters, also=(NEWER_THAN,))
        if question.calls.before is not None:
            raise BadQuestion("news are about the newest calls only: leave 'before' out")
        return cls(question, read_integer(parameters, NEWER_THAN, 0, LARGEST_INTEGER))

    def now(self) -> Self:
        """The same, asked now: a time ago goes on with the clock."""
        return replace(self, list=self.list.without()) if self.list.ago is not None else self


class RowNews(TypedDict):
    key: str
    html: str


class Scale(TypedDict):
    ms: float
    words: str


class RowsPiece(TypedDict):
    """The top of the list, as the browser gets it. Every HTML in it is escaped already."""

    keys: list[str]
    """Of the newest calls, in their order."""
    rows: list[RowNews]
    """Those of them that were not told before."""
    scale: Scale
    running: str
    running_calls: int
    now_unix_ms: float


class NewerPiece(TypedDict):
    newer: int


class SumsPiece(TypedDict):
    totals: str
    calls: int


class News:
    """Remembers what it told. The first piece has all rows that it may have."""

    def __init__(self, store: LiveWarehouse, question: NewsQuestion) -> None:
        self._store = store
        self._question = question
        self._told: frozenset[str] = frozenset()
        self.has_running = False

    def gather(self) -> RowsPiece | NewerPiece | None:
        """Asks the store; for a worker thread. None where the list is in an order that nothing comes on top of. Raises
        StoreError."""
        question = self._question.now()
        if not question.list.is_newest_first:
            return None
        if question.newer_than_unix_ns is not None:
            return self._newer(question.list, question.newer_than_unix_ns)
        return self._rows(question.list)

    def gather_sums(self) -> SumsPiece:
        """Likewise. Takes longer the more calls there are."""
        answer = report(self._store, self._question.now().list.selection)
        return SumsPiece(totals=render("totals.html", report=answer), calls=answer.totals.calls)

    def _newer(self, question: ListQuestion, than_unix_ns: int) -> NewerPiece:
        since = question.selection.since_unix_ns or 0
        return NewerPiece(
            newer=count_calls(self._store, replace(question.selection, since_unix_ns=max(than_unix_ns + 1, since)))
        )

    def _rows(self, question: ListQuestion) -> RowsPiece:
        rows = recent_calls(self._store, question.selection, limit=question.calls.limit)
        now_unix_ns = time.time_ns()
        running = running_calls(self._store, now_unix_ns, question.selection)
        self.has_running = bool(running)
        scale = scale_ms(rows, running, now_unix_ns)
        fresh = [row for row in rows if _key(row) not in self._told]
        self._told = frozenset(map(_key, rows))
        return RowsPiece(
            keys=[_key(row) for row in rows],
            rows=[RowNews(key=_key(row), html=_html(question, row, scale)) for row in fresh],
            scale=Scale(ms=scale, words=figures.duration_ns(scale * 1e6)),
            running=render("running.html", running=running, now_unix_ns=now_unix_ns),
            running_calls=len(running),
            now_unix_ms=now_unix_ns / 1e6,
        )


def _html(question: ListQuestion, row: CallRow, scale: float) -> str:
    return render("row.html", row=row, ordered=None, scale_ms=scale, selection=question.selection)


def _key(row: CallRow) -> str:
    return f"{row.trace_id}/{row.span_id}"
