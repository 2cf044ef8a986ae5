"""The charts of a report as SVG, drawn by Vega without a browser, in the colours of the light scheme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, cast

from firsttoken.analyse.latency import Histogram
from firsttoken.analyse.options import Group
from firsttoken.page import figures
from firsttoken.page.document.gathering import Gathered
from firsttoken.page.error_wording import CATEGORIES
from firsttoken.page.pictures.colours import BAD, LINE, QUIET, SERIES, TEXT
from firsttoken.page.pictures.looks import looks
from firsttoken.unseen import spelt_out

WIDTH: Final = 460
HEIGHT: Final = 250
LONGEST_NAME: Final = 28
OTHERS: Final = "others"
TIMES: Final = {"day": "%d %b", "hour": "%d %b %H:%M", "minute": "%H:%M"}
"""How moments are written, by how far apart they are: Vega's own way has hours up to twelve."""
CONFIG: Final = looks(12, LINE, {"labelLimit": 190, "symbolSize": 80, "columnPadding": 16}, bar={"cornerRadiusEnd": 2})

OWN_IDS: Final = re.compile(r'\bid="|url\(#')
"""Where a picture names a part of itself: several of them stand in one document."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture, and what it shows in words."""

    title: str
    note: str
    svg: str


def charts(gathered: Gathered) -> list[Chart]:
    """Those that have something to show. Takes about a second, most of it the import of Altair."""
    shown = labels([row.group for row in gathered.latency.rows[: len(SERIES)]])
    left_out = len(gathered.latency.rows) - len(shown)
    more = f" {left_out} more are not drawn." if left_out else ""
    drawn = (
        _over_time(gathered, shown, more),
        _histogram(gathered, shown, more),
        _speeds(gathered, shown, more),
        _errors(gathered),
        *_costs(gathered, shown),
        _cache(gathered, shown, more),
    )
    found = [chart for chart in drawn if chart is not None]
    return [replace(chart, svg=OWN_IDS.sub(rf"\g<0>chart{number}-", chart.svg)) for number, chart in enumerate(found)]


Shown = Mapping[Group, str]
"""The groups that are drawn, and what each is called. No two have one name: their figures would be drawn as one."""


def labels(groups: Iterable[Group]) -> Shown:
    names: dict[Group, str] = {}
    taken = {OTHERS}
    for group in groups:
        name = wanted = _label(group)
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted} ({number})"
        names[group] = name
        taken.add(name)
    return names


def _label(group: Group) -> str:
    """Bounded, as names come from anywhere. Models of one family differ at the end of their names."""
    name = " / ".join("unknown" if value is None else value or "''" for value in group)
    if len(name) <= LONGEST_NAME:
        return name
    end = LONGEST_NAME // 2
    return f"{name[: LONGEST_NAME - 1 - end]}…{name[-end:]}"


def _over_time(gathered: Gathered, shown: Shown, more: str) -> Chart | None:
    rows: list[Row] = [
        {"t": _unix_ms(row.group[0]), "name": shown[row.group[1:]], "share": share, "s": value_s}
        for row in gathered.latency_over_time.rows
        for share, value_s in (("p50", row.first_token.p50_s), ("p95", row.first_token.p95_s))
        if value_s is not None and row.group[1:] in shown
    ]
    if not rows:
        return None
    altair = _altair()
    mark = altair.Chart(altair.Data(values=rows)).mark_line(
        strokeWidth=2, point=altair.OverlayMarkDef(size=18, filled=True)
    )
    axis = {"tickCount": 6, "grid": False, "format": TIMES[gathered.step], "labelOverlap": "greedy"}
    dashes = altair.Scale(domain=["p50", "p95"], range=[[1, 0], [4, 3]])
    encoded = mark.encode(
        x=altair.X("t:T", title=None, scale=altair.Scale(type="utc"), axis=altair.Axis(**axis)),
        y=altair.Y("s:Q", title="seconds", axis=altair.Axis(tickCount=5)),
        color=_color([*shown.values()]),
        strokeDash=altair.StrokeDash("share:N", scale=dashes, legend=None),
        opacity=altair.Opacity("share:N", scale=altair.Scale(domain=["p50", "p95"], range=[1, 0.55]), legend=None),
    )
    note = f"Each {gathered.step}, in UTC: the solid line is the median, the dashed one the 95th percentile.{more}"
    return Chart("Time to first token", note, _svg(encoded))


def _histogram(gathered: Gathered, shown: Shown, more: str) -> Chart | None:
    found = [each for each in gathered.latency.histograms if each.mark == "first_token"]
    groups = [each for each in found if each.group in shown]
    if not groups:
        return None
    order = list(dict.fromkeys(bar.upper_s for each in found for bar in each.bars if not each.group))
    altair = _altair()
    mark = altair.Chart(
        altair.Data(values=[row for each in groups for row in _bars(each, shown[each.group])])
    ).mark_bar()
    encoded = mark.encode(
        x=altair.X(
            "upper:O",
            title="up to",
            sort=[_upper(upper_s) for upper_s in order],
            axis=altair.Axis(labelAngle=0, labelOverlap="greedy"),
        ),
        y=altair.Y("calls:Q", title="streams", axis=altair.Axis(tickCount=5, format="~s")),
        color=_color([*shown.values()]),
    )
    return Chart("Time to first token, how often", f"Streams by how long their first token took.{more}", _svg(encoded))


def _bars(histogram: Histogram, name: str) -> Iterable[Row]:
    for bar in histogram.bars:
        yield {"upper": _upper(bar.upper_s), "calls": bar.calls, "name": name}


def _speeds(gathered: Gathered, shown: Shown, more: str) -> Chart | None:
    rows: list[Row] = [
        {"name": shown[row.group], "value": row.output_tokens.p50_per_s, "slow": row.output_tokens.p5_per_s}
        for row in gathered.latency.rows
        if row.output_tokens.p50_per_s is not None and row.group in shown
    ]
    note = f"After the first token: the median, and as a line what one stream in twenty is below.{more}"
    return _side_bars("Output tokens per second", note, rows, shown, "tokens/s", tick="slow")


def _cache(gathered: Gathered, shown: Shown, more: str) -> Chart | None:
    read: dict[str, list[int]] = {}
    for row in gathered.cost.rows:
        if row.cacheable_tokens and row.group in shown:
            sums = read.setdefault(shown[row.group], [0, 0])
            sums[0] += row.cache_read_tokens or 0
            sums[1] += row.cacheable_tokens
    rows: list[Row] = [{"name": name, "value": part / whole} for name, (part, whole) in read.items()]
    note = f"The part of the input tokens that was read from the provider's cache.{more}"
    return _side_bars("Cache hit rate", note, rows, shown, None, form="%")


def _errors(gathered: Gathered) -> Chart | None:
    counts: dict[str, int] = {}
    for row in gathered.errors.rows:
        counts[row.category] = counts.get(row.category, 0) + row.errors
    words: dict[str, str] = {category.value: word for category, word in CATEGORIES.items()}
    rows: list[Row] = [
        {"name": words.get(category, category), "value": errors}
        for category, errors in sorted(counts.items(), key=lambda item: -item[1])
    ]
    share = figures.share(gathered.errors.total.errors, gathered.errors.total.calls)
    note = (
        f"{figures.count(gathered.errors.total.errors)} of {figures.count(gathered.errors.total.calls)} calls, {share}."
    )
    return _side_bars("Errors by category", note, rows, None, "calls")


def _side_bars(  # noqa: PLR0913, PLR0917  a title, a note, rows, and how to draw them
    title: str,
    note: str,
    rows: list[Row],
    shown: Shown | None,
    unit: str | None,
    form: str = "~s",
    tick: str | None = None,
) -> Chart | None:
    if not rows:
        return None
    altair = _altair()
    band = max(6, min(28, 120 // len(rows)))
    base = altair.Chart(altair.Data(values=rows)).encode(
        y=altair.Y("name:N", title=None, sort=[str(row["name"]) for row in rows], axis=altair.Axis(ticks=False))
    )
    bars = base.mark_bar(size=band, color=BAD if shown is None else SERIES[0]).encode(
        x=altair.X("value:Q", title=unit, axis=altair.Axis(tickCount=5, format=form))
    )
    if shown is not None:
        bars = bars.encode(color=_color([*shown.values()], legend=False))
    if tick is not None:
        bars += base.mark_tick(thickness=3, size=band + 6, color=TEXT).encode(x=altair.X(f"{tick}:Q", title=unit))
    return Chart(title, note, _svg(bars))


def _costs(gathered: Gathered, shown: Shown) -> Iterable[Chart]:
    """One for each currency. What is not drawn by name is drawn as others: money adds up."""
    days = gathered.cost_by_day.rows
    for currency in sorted({row.currency for row in days if row.currency is not None}):
        sums: dict[tuple[float, str], float] = {}
        for row in days:
            if row.currency == currency and row.cost_total is not None:
                key = (_unix_ms(row.group[0]), shown.get(row.group[1:], OTHERS))
                sums[key] = sums.get(key, 0) + float(row.cost_total)
        names = [*shown.values(), *([OTHERS] if any(name == OTHERS for _, name in sums) else [])]
        yield _cost_chart(gathered, currency, sums, names)


def _cost_chart(gathered: Gathered, currency: str, sums: dict[tuple[float, str], float], names: Sequence[str]) -> Chart:
    altair = _altair()
    rows: list[Row] = [
        {"t": f"{datetime.fromtimestamp(t / 1e3, UTC):%d %b}", "at": t, "name": name, "cost": cost}
        for (t, name), cost in sorted(sums.items())
    ]
    order = list(dict.fromkeys(str(row["t"]) for row in rows))
    encoded = (
        altair.Chart(altair.Data(values=rows))
        .mark_bar()
        .encode(
            x=altair.X("t:O", title=None, sort=order, axis=altair.Axis(labelAngle=0, labelOverlap="greedy")),
            y=altair.Y("cost:Q", title=currency, axis=altair.Axis(tickCount=5, format="~g")),
            color=_color(names),
        )
    )
    unpriced = gathered.cost.unpriced_calls
    missing = f" Not in it: {figures.calls(unpriced)} without a price." if unpriced else ""
    return Chart(f"Cost by day, {currency}", f"Each day, in UTC.{missing}", _svg(encoded))


def _color(names: Sequence[str], *, legend: bool = True) -> Any:
    altair = _altair()
    scale = altair.Scale(domain=list(names), range=[*SERIES[: len(names)], QUIET][: len(names)])
    shown = (
        altair.Legend(orient="top", columns=3 if max(map(len, names)) <= 18 else 2)
        if legend and len(names) > 1
        else None
    )
    return altair.Color("name:N", title=None, scale=scale, legend=shown)


def _svg(chart: Any) -> str:
    import vl_convert

    spec = _printable(chart.properties(width=WIDTH, height=HEIGHT).to_dict())
    return vl_convert.vegalite_to_svg({**spec, "config": CONFIG})


def _printable(value: Any) -> Any:
    """The same with an escape for each character that is not seen: XML has no control characters, and the drawing of
    one that is measured there ends the process."""
    match value:
        case str():
            return spelt_out(value, lambda char: f"\\u{ord(char):04x}")
        case dict():
            members = cast("dict[str, Any]", value).items()
            return {_printable(name): _printable(member) for name, member in members}
        case list() | tuple():
            return [_printable(item) for item in cast("list[Any]", value)]
        case _:
            return value


def _altair() -> Any:
    import altair

    return altair


def _unix_ms(moment: str | None) -> float:
    """Of a `day`, an `hour` or a `minute` as groups name them."""
    for form in ("%Y-%m-%d", "%Y-%m-%dT%HZ", "%Y-%m-%dT%H:%MZ"):
        try:
            return datetime.strptime(moment or "", form).replace(tzinfo=UTC).timestamp() * 1e3
        except ValueError:
            continue
    raise ValueError(f"{moment!r} is no day, hour or minute")


def _upper(upper_s: float | None) -> str:
    return "more" if upper_s is None else f"{upper_s * 1e3:g} ms" if upper_s < 1 else f"{upper_s:g} s"
