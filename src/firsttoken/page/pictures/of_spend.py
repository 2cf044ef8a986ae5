"""What was paid as a picture, and what would have been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from firsttoken.analyse.costs import CostRow
from firsttoken.analyse.what_if import WhatIfAnswer, WhatIfRow
from firsttoken.page import figures
from firsttoken.page.period import Period
from firsttoken.page.pictures.colours import END, GENERATING
from firsttoken.page.pictures.of_list import TRACK
from firsttoken.page.pictures.picture import Bar, Cell, Figure, Head, Key, Notes, Part, Picture, Rows, Shape, Words
from firsttoken.page.pictures.words import about, value_of
from firsttoken.pricing.whatif import Scenario

if TYPE_CHECKING:
    from firsttoken.page.views.spend import Spent


def spend_picture(period: Period, by: str, spent: Spent, most_reasons: int) -> Picture:
    """Of calls without a price `most_reasons` kinds are told apart."""
    heads = (
        Head(by, "words"),
        Head("Cost"),
        Head(kind="bar", ticks=("share", "")),
        *map(Head, ("Calls", "Tokens in", "Tokens out", "Cache hits", "Saved by caches", "Unpriced")),
    )
    rows = [_line(value_of(line.group[0]), line, spent) for line in spent.lines]
    for number, line in enumerate(spent.others):
        name = f"{figures.count(spent.other_values)} more" if number == 0 else "and of these"
        rows.append(_line(Words(name, tone="quiet"), line, None))
    parts: list[Part] = [Rows(f"By {by}", heads, tuple(rows))]
    if spent.answer.unpriced:
        parts.append(_without_price(spent, most_reasons))
    return Picture("Spend", about(period.bounded), tuple(_spent_figures(spent)), tuple(parts))


def _spent_figures(spent: Spent) -> Iterator[Figure]:
    answer = spent.answer
    for total in answer.totals:
        if total.currency:
            yield Figure("Spent", figures.money(total.cost_total, total.currency), figures.calls(total.calls))
            if spent.again:
                yield Figure("Saved by caches", figures.money(total.saved_by_cache, total.currency))
    yield Figure("Input read from caches", figures.percent(answer.cache_hit_rate))
    yield Figure("Without a price", figures.calls(answer.unpriced_calls) if answer.unpriced_calls else "0")
    if answer.not_billed_calls:
        yield Figure("Not billed", figures.calls(answer.not_billed_calls), "refused, or of a kind that is free")


def _line(name: Words, line: CostRow, spent: Spent | None) -> tuple[Cell, ...]:
    """With a bar on the scale of what was spent, where that is told."""
    currency = line.currency or ""
    largest = (spent and spent.largest.get(line.currency)) or Decimal(1)
    share = float((line.cost_total or Decimal(0)) / largest)
    nothing = figures.UNKNOWN if line.unpriced_calls else "0"
    return (
        name,
        Words(nothing if line.cost_total is None else figures.money(line.cost_total, currency), tone="strong"),
        Bar((TRACK, Shape(0.0, share, GENERATING)) if spent else ()),
        Words(figures.count(line.calls)),
        Words(figures.count(line.input_tokens)),
        Words(figures.count(line.output_tokens)),
        Words(figures.percent(line.cache_hit_rate)),
        Words(figures.money(line.saved_by_cache, currency)),
        Words(figures.count(line.unpriced_calls), tone="warn" if line.unpriced_calls else "plain"),
    )


def _without_price(spent: Spent, most: int) -> Rows:
    heads = (Head("Model", "words"), Head("Why", "words"), Head("What to do", "words"), Head("Calls"))
    rows = [
        (
            Words(kind.model or "unknown model", kind.provider),
            Words(kind.reason.replace("_", " ")),
            Words(kind.fix, tone="quiet"),
            Words(figures.count(kind.calls)),
        )
        for kind in spent.answer.unpriced[:most]
    ]
    if others := spent.answer.unpriced[most:]:
        calls = Words(figures.count(sum(kind.calls for kind in others)))
        rows.append((Words(f"{figures.count(len(others))} more", tone="quiet"), Words(""), Words(""), calls))
    return Rows("Without a price", heads, tuple(rows), "in no sum here")


def what_if_picture(period: Period, answer: WhatIfAnswer, names: Sequence[str]) -> Picture:
    """`names` are those of the scenarios."""
    parts: list[Part] = []
    for number, (scenario, name) in enumerate(zip(answer.scenarios, names, strict=True)):
        rows = [row for row in answer.rows if _is_of(row, scenario)]
        totals = [row for row in answer.totals if _is_of(row, scenario)]
        parts.append(_scenario(name, rows, totals))
        if lines := tuple(_behind(answer, number)):
            parts.append(Notes("What is behind it", lines))
    return Picture("What if", about(period.bounded, "the same "), (), tuple(parts))


def _behind(answer: WhatIfAnswer, number: int) -> Iterator[Words]:
    for each in answer.assumptions:
        if each.scenario == number:
            yield Words(f"Taken for granted of {figures.calls(each.calls)}: {each.meaning}.")
    for each in answer.left_out:
        if each.scenario != number:
            continue
        if each.names:
            others = (
                f"providers that have no {answer.scenarios[number].model}: {' or '.join(each.names)} can be compared"
            )
            yield Words(f"Not compared: {figures.calls(each.calls)} of {others}.", tone="warn")
        elif each.reason == "not_billed":
            yield Words(f"Not billed, there as here: {figures.calls(each.calls)}.")
        else:
            words = f"Cannot be known of {figures.calls(each.calls)}, left out on both sides: {each.meaning}."
            yield Words(words, tone="warn")


def _is_of(row: WhatIfRow, scenario: Scenario) -> bool:
    return (row.to_model, row.to_provider) == (scenario.model, scenario.provider)


def _scenario(name: str, rows: Sequence[WhatIfRow], totals: Sequence[WhatIfRow]) -> Rows:
    most = max((amount for row in rows for amount in (row.cost_was, row.cost_would_be) if amount), default=Decimal(1))
    heads = (
        Head("Model", "words"),
        *map(Head, ("Compared", "Cost was")),
        Head(kind="bar"),
        *map(Head, ("Would have been", "Difference", "Share", "Not known", "Not billed")),
    )
    keys = (Key(END, "was"), Key(GENERATING, "would have been"))
    lines = [*(_otherwise(value_of(row.group[0]), row, most) for row in rows)]
    lines += [_otherwise(Words("all", tone="strong"), row, None) for row in totals]
    return Rows(name, heads, tuple(lines), "", keys, last_is_sum=bool(totals))


def _otherwise(name: Words, row: WhatIfRow, most: Decimal | None) -> tuple[Cell, ...]:
    currency = row.currency or ""
    difference = row.difference or Decimal(0)
    tone = "good" if difference < 0 else "bad" if difference else "plain"
    return (
        name,
        Words(figures.count(row.calls)),
        Words(figures.money(row.cost_was, currency)),
        Bar(() if most is None else tuple(_two_bars(row, most))),
        Words(figures.money(row.cost_would_be, currency)),
        Words(figures.money_more(row.difference, currency), tone=tone),
        Words(figures.percent(row.share)),
        Words(figures.count(row.unknown_calls)),
        Words(figures.count(row.not_billed_calls)),
    )


def _two_bars(row: WhatIfRow, most: Decimal) -> Iterator[Shape]:
    """The one thin within the other."""
    yield TRACK
    if row.cost_was is not None:
        yield Shape(0.0, float(row.cost_was / most), END)
    if row.cost_would_be is not None:
        yield Shape(0.0, float(row.cost_would_be / most), GENERATING, 0.5)
