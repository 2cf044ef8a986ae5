"""Budgets as a picture: what was spent of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from firsttoken.page import figures
from firsttoken.page.pictures.colours import BAD, GENERATING, WAITING
from firsttoken.page.pictures.of_list import TRACK
from firsttoken.page.pictures.picture import Bar, Cell, Head, Notes, Picture, Rows, Shape, Tone, Words

if TYPE_CHECKING:
    from firsttoken.page.views.budgets import Held, Others, Shown

TONES: Final[dict[str, Tone]] = {"exceeded": "bad", "warning": "warn", "ok": "good", "unknown": "quiet"}
COLOURS: Final = {"exceeded": BAD, "warning": WAITING}


def budgets_picture(shown: Sequence[Shown], file: Path, now_unix_ns: int) -> Picture:
    heads = (
        Head("Budget", "words"),
        Head("Window", "label"),
        Head("Spent"),
        Head(kind="bar", ticks=("0", "of the limit", "100 %")),
        *map(Head, ("", "Limit", "Left", "At this pace")),
        Head("State", "label"),
    )
    table = Rows("What was spent of each", heads, tuple(row for each in shown for row in _rows(each)))
    problems = [each.row for some in shown for each in some.held if each.row.problem]
    lines = tuple(Words(f"{row.budget}: {row.problem}", tone="warn") for row in problems)
    parts = (table, Notes("Cannot be held", lines)) if lines else (table,)
    return Picture("Budgets", f"{file.name} · at {figures.minute(now_unix_ns)} · made by firsttoken", (), parts)


def _rows(shown: Shown) -> Iterator[tuple[Cell, ...]]:
    for held in shown.held:
        yield _held(held)
    if shown.others:
        yield _others(shown.others)


def _held(held: Held) -> tuple[Cell, ...]:
    row = held.row
    pace = "" if held.at_this_pace is None else figures.money(held.at_this_pace, row.currency)
    share = 0.0 if row.share is None else float(row.share)
    return (
        Words(row.budget, row.each, tone="strong"),
        Words(row.window),
        Words(figures.money(row.spent, row.currency)),
        Bar((TRACK, Shape(0.0, share, COLOURS.get(row.state, GENERATING)))),
        Words(figures.percent(row.share)),
        Words(figures.money(row.limit, row.currency)),
        Words(figures.money(row.left, row.currency)),
        Words(pace or figures.UNKNOWN),
        Words(held.state, tone=TONES.get(row.state, "plain")),
    )


def _others(others: Others) -> tuple[Cell, ...]:
    states = ", ".join(f"{figures.count(count)} {state}" for state, count in others.states.items())
    return (
        Words(f"{figures.count(others.values)} more", tone="quiet"),
        Words(""),
        Words(figures.money(others.spent, others.currency)),
        Bar(()),
        *(Words("") for _ in range(4)),
        Words(states, tone="quiet"),
    )
