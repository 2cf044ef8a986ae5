"""The chart of time to first token: its points from calls, and its drawing rules from Altair.

The rules hold no data and no colours. The browser adds the points and the colours of the page, so that one chart
serves light and dark and grows as calls arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.answers import CallRow
from firsttoken.page import figures, wording

DATA: Final = "calls"
TIMES: Final = {"seconds": "%H:%M:%S", "minutes": "%H:%M", "hours": "%H:%M"}
"""How moments read along the axis, by the step between them; longer steps read as days, months and years."""


@dataclass(frozen=True, slots=True)
class Point:
    """One streamed call whose first token was seen."""

    key: str
    started_unix_ms: float
    first_token_s: float
    model: str
    first_token: str
    outcome: str
    started: str
    href: str


def points(rows: Iterable[CallRow]) -> tuple[Point, ...]:
    """A point for each call with a first token. Whole answers have none and are left out."""
    return tuple(
        _point(row, row.call.timing.first_token_ns) for row in rows if row.call.timing.first_token_ns is not None
    )


def _point(row: CallRow, first_token_ns: int) -> Point:
    started_ns = row.call.timing.started_unix_ns
    return Point(
        key=f"{row.trace_id}/{row.span_id}",
        started_unix_ms=started_ns / 1e6,
        first_token_s=first_token_ns / 1e9,
        model=row.call.request.model or "unknown model",
        first_token=figures.duration_ns(first_token_ns),
        outcome=wording.OUTCOMES[row.call.outcome],
        started=figures.clock(started_ns),
        href=f"/calls/{row.trace_id}/{row.span_id}",
    )


def drawing_rules() -> str:
    """The chart in the Vega-Lite language, as JSON. Takes about a second, most of it the import of Altair."""
    import altair

    chart = (
        altair.Chart(altair.NamedData(DATA), width="container", height="container")
        .mark_point(filled=True, size=56, opacity=0.85)
        .encode(
            x=altair.X("started_unix_ms:T", title=None, axis=altair.Axis(tickCount=7, format=TIMES)),
            y=altair.Y("first_token_s:Q", title="seconds", axis=altair.Axis(tickCount=5)),
            color=altair.Color("model:N", title=None, legend=altair.Legend(orient="top", symbolLimit=12)),
            shape=altair.Shape("model:N", title=None),
            href=altair.Href("href:N"),
            tooltip=[
                altair.Tooltip("first_token:N", title="first token"),
                altair.Tooltip("model:N", title="model"),
                altair.Tooltip("outcome:N", title="outcome"),
                altair.Tooltip("started:N", title="started"),
            ],
        )
    )
    return chart.to_json(indent=None)
