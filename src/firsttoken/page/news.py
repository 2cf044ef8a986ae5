"""What one open page does not know yet: rows and points of new calls, and the sums that they change."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, TypedDict

from firsttoken.analyse import CallRow, cursor_of, recent_calls, report
from firsttoken.page import chart, figures
from firsttoken.page.bar import scale_ms
from firsttoken.page.question import CallsQuestion
from firsttoken.page.rendering import render
from firsttoken.store import Store

PAST_CALLS: Final = 1000
"""How many calls the chart looks back."""


class RowNews(TypedDict):
    key: str
    html: str


class Scale(TypedDict):
    ms: float
    words: str


class Piece(TypedDict):
    """One piece of news, as the browser gets it. Every HTML in it is escaped already."""

    rows: list[RowNews]
    points: list[dict[str, object]]
    scale: Scale
    totals: str
    models: str
    older: str | None


class News:
    """Remembers what it told. The first piece is all that a page of this question shows, and its chart's past."""

    def __init__(self, store: Store, question: CallsQuestion) -> None:
        self._store = store
        self._question = question
        self._told: frozenset[str] | None = None

    def gather(self) -> Piece:
        """Asks the store; for a worker thread. Raises StoreError."""
        question = self._question
        rows = recent_calls(self._store, limit=question.limit, run_id=question.run_id, where=question.where)
        answer = report(self._store, run_id=question.run_id, where=question.where)
        scale = scale_ms(rows)
        told = self._told
        fresh = rows if told is None else [row for row in rows if _key(row) not in told]
        plotted = self._past() if told is None else fresh
        self._told = frozenset(map(_key, rows))
        return Piece(
            rows=[RowNews(key=_key(row), html=render("row.html", row=row, scale_ms=scale)) for row in fresh],
            points=[asdict(point) for point in chart.points(plotted)],
            scale=Scale(ms=scale, words=figures.duration_ns(scale * 1e6)),
            totals=render("totals.html", report=answer),
            models=render("models.html", report=answer),
            older=older_address(self._question, rows),
        )

    def _past(self) -> list[CallRow]:
        return recent_calls(self._store, limit=PAST_CALLS, run_id=self._question.run_id, where=self._question.where)


def older_address(question: CallsQuestion, rows: list[CallRow]) -> str | None:
    """Where the calls after these are; None where a page that is not full shows that there are none."""
    return question.address(before=cursor_of(rows[-1])) if len(rows) == question.limit else None


def _key(row: CallRow) -> str:
    return f"{row.trace_id}/{row.span_id}"
