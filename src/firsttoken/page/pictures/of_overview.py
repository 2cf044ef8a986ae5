"""The overview as a picture: its figures, its charts, the calls that stand out, and who spent the most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from firsttoken.analyse.spending import Spending
from firsttoken.page import figures
from firsttoken.page.drawn import Drawn
from firsttoken.page.headline import Tile
from firsttoken.page.period import Period
from firsttoken.page.pictures.colours import GENERATING, SERIES
from firsttoken.page.pictures.of_list import TRACK
from firsttoken.page.pictures.picture import Bar, Cell, Figure, Head, Part, Picture, Plot, Rows, Shape, Words
from firsttoken.page.pictures.plots import Rules, with_points
from firsttoken.page.pictures.words import about, sums, unpriced, value_of

if TYPE_CHECKING:
    from firsttoken.page.views.overview import Listed

CHARTS: Final = {
    "first-token": ("percentiles", "Time to first token", "what half, 90, 95 and 99 of 100 streams took at most"),
    "heatmap": ("heatmap", "Time to first token, every call", "how many calls took how long"),
    "total": ("percentiles", "Total time", "what half, 90, 95 and 99 of 100 calls took at most"),
    "tokens": ("counts", "Tokens by model", "in and out"),
    "cost": ("amounts", "Cost by model", ""),
    "errors": ("counts", "Errors by model", "calls that failed or timed out"),
}
"""By the name of its points: the rules of each chart, its title and what it says."""


def overview_picture(
    period: Period,
    tiles: Sequence[Tile],
    drawn: Mapping[str, Drawn],
    rules: Mapping[str, Rules],
    parts: Iterable[Rows],
) -> Picture:
    cards = tuple(Figure(tile.name, tile.value, _note(tile), tile.is_bad) for tile in tiles)
    return Picture("Overview", about(period.bounded), cards, (*_plots(drawn, rules), *parts))


def _note(tile: Tile) -> str:
    return " · ".join(part for part in (tile.note, tile.change.words if tile.change else "") if part)


def _plots(drawn: Mapping[str, Drawn], rules: Mapping[str, Rules]) -> Iterator[Part]:
    """Those that have something to show."""
    for name, (of, title, note) in CHARTS.items():
        marks = drawn[name].marks
        if any(mark.href is not None for mark in marks):
            points = [{**asdict(mark), "href": None} for mark in marks]
            yield Plot(
                title,
                drawn[name].meaning or note,
                with_points(_in_colours(rules[of], drawn[name]), points),
                legend_columns=4 if of == "percentiles" else 3,
            )


def _in_colours(rules: Rules, drawn: Drawn) -> Rules:
    """Where charts share names, each name has its colour in all of them, as on the page: also where others have no mark
    here."""
    if not drawn.coloured:
        return rules
    names = sorted(set(drawn.names))
    rule: Any = rules["encoding"]
    scale = {"domain": names, "range": [SERIES[drawn.coloured.index(name)] for name in names]}
    encoding: Any = {**rule, "color": {**rule["color"], "scale": scale}}
    return {**rules, "encoding": encoding}


def standing_table(lists: Sequence[Listed]) -> Rows:
    """Which calls stand out, and what for."""
    rows: list[tuple[Cell, ...]] = []
    for each in lists:
        for number, standing in enumerate(one for some in each.standing.values() for one in some):
            call = standing.row.call
            rows.append(
                (
                    Words(each.title if number == 0 else "", tone="strong"),
                    Words(standing.figure, standing.note),
                    Words(call.request.model or call.response.model or "unknown model"),
                    Words(standing.row.service, tone="quiet"),
                    Words(figures.minute(call.timing.started_unix_ns), tone="quiet"),
                )
            )
    heads = (
        Head("", "label"),
        Head("Most", "label"),
        Head("Model", "words"),
        Head("Service", "words"),
        Head("Started"),
    )
    return Rows("What stands out", heads, tuple(rows))


def spending_table(spendings: Sequence[Spending]) -> Rows:
    rows: list[tuple[Cell, ...]] = []
    for spending in spendings:
        dearest = spending.dearest or Decimal(1)
        for number, (value, spender) in enumerate(spending.top.items()):
            share = spender.cost.get(spending.currency or "", Decimal(0)) / dearest
            rows.append(
                (
                    Words(f"by {spending.by}" if number == 0 else "", tone="strong"),
                    value_of(value),
                    Bar((TRACK, Shape(0.0, float(share), GENERATING))),
                    Words(figures.count(spender.calls)),
                    Words(sums(spender.cost, spender.unpriced_calls), unpriced(spender.unpriced_calls)),
                )
            )
    heads = (Head("", "label"), Head("", "words"), Head(kind="bar"), Head("Calls"), Head("Cost"))
    return Rows("Spend", heads, tuple(rows), "the dearest of each")
