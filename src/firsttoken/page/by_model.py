"""Tokens, money and errors over time, one model on top of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.options import Group
from firsttoken.analyse.trend import TrendAnswer, TrendRow
from firsttoken.page import figures
from firsttoken.page.drawn import Drawn, Mark, Step, edges
from firsttoken.page.marks import of_group, with_value
from firsttoken.store import Selection

MODELS: Final = 7
"""That have a colour of their own. All others share one."""
OTHERS: Final = "other models"

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """What is drawn of a step: None where it is not known, and nothing where it is 0."""

    of: Callable[[TrendRow, str], Number | None]
    """In the currency where that matters."""
    words: Callable[[Number, str], str]
    meaning: Callable[[TrendAnswer, str], str]
    narrowed: Callable[[Selection], Selection] = lambda selection: selection
    """The calls that have some of it."""
    absent: str = figures.UNKNOWN


def _tokens(row: TrendRow, currency: str) -> int | None:
    del currency
    known = [count for count in (row.input_tokens, row.output_tokens) if count is not None]
    return sum(known) if known else None


def _paid(row: TrendRow, currency: str) -> Decimal | None:
    return row.cost.get(currency)


def _errors(row: TrendRow, currency: str) -> int:
    del currency
    return row.errors


def _said(words: str) -> Callable[[TrendAnswer, str], str]:
    return lambda answer, currency: words


def _left_out(answer: TrendAnswer, currency: str) -> str:
    """What a chart of money does not show."""
    others = sorted({each for row in answer.rows for each in row.cost} - {currency})
    unpriced = sum(row.unpriced_calls for row in answer.rows)
    words = [f"in {currency}"] if currency else []
    words += [f"without {figures.calls(unpriced)} unpriced"] if unpriced else []
    words += [f"without what was paid in {' and '.join(others)}"] if others else []
    return ", ".join(words)


AMOUNTS: Final[Mapping[str, Amount]] = {
    "tokens": Amount(_tokens, lambda number, _: f"{number:,} tokens", _said("in and out")),
    "cost": Amount(_paid, lambda amount, currency: figures.money(Decimal(amount), currency), _left_out),
    "errors": Amount(
        _errors,
        lambda number, _: figures.counted(int(number), "error"),
        _said("calls that failed or timed out"),
        lambda selection: with_value(selection, "failed", "true"),
        absent="0",
    ),
}


def amounts_of(amount: Amount, whole: TrendAnswer, by_model: TrendAnswer, currency: str) -> Drawn:
    """`whole` is of all models together, and of the same steps. Money is drawn in one currency, which is empty where
    nothing was paid."""
    rows: dict[int, list[TrendRow]] = {}
    for row in by_model.rows:
        rows.setdefault(row.start_unix_ns, []).append(row)
    marks = tuple(
        mark
        for every in whole.rows
        for mark in _stacked(amount, currency, every, rows.get(every.start_unix_ns, []), by_model)
    )
    named = dict.fromkeys(_name(row.group) for row in by_model.rows)
    drawn = {mark.name for mark in marks}
    names = tuple(name for name in (*named, OTHERS) if name in drawn)
    ends = edges(whole.selection, names[0], 0) if names else ()
    return Drawn((*marks, *ends), names, amount.meaning(whole, currency), amount.absent, (*named, OTHERS))


def _stacked(
    amount: Amount, currency: str, every: TrendRow, rows: Sequence[TrendRow], answer: TrendAnswer
) -> Iterator[Mark]:
    """Of one step. Other models are what is left of all: the list tells them apart."""
    step = Step.at(every.start_unix_ns, answer.step_s, answer.selection)
    reached: Number = 0
    for row in rows:
        found = amount.of(row, currency)
        if found:
            of = amount.narrowed(of_group(step.selection, answer.group_by, row.group))
            yield _bar(step, _name(row.group), amount.words(found, currency), reached, found, row.calls, of)
            reached += found
    left = (amount.of(every, currency) or 0) - reached
    others = every.calls - sum(row.calls for row in rows)
    if left > 0 and others:
        yield _bar(step, OTHERS, amount.words(left, currency), reached, left, others, amount.narrowed(step.selection))


def _bar(  # noqa: PLR0913, PLR0917  one for each thing that bars of a step differ in
    step: Step, name: str, words: str, reached: Number, amount: Number, calls: int, of: Selection
) -> Mark:
    return step.mark(name, words, float(reached), float(reached + amount), calls, of)


def _name(group: Group) -> str:
    return group[0] or "unknown model"
