"""One stream: how fast it came, and how long its chunks were waited for."""

from __future__ import annotations

from typing import Any, Final

from firsttoken.page.charts.drawing import POINTS
from firsttoken.page.timeline.levels import LEVEL_WORDS

WAITS: Final = ("#b9c6d6", "#7fb0e6", "#e3ab48", "#e07b39", "#c92a3b")
"""What waits are drawn in on light ground, by their level."""
RATE: Final = "#2f7dd1"
ROOM: Final[dict[str, Any]] = {"minExtent": 52, "maxExtent": 52}
"""For what stands beside a scale: charts that are read below one another begin at one place."""
RATE_HEIGHT: Final = 80
WAITS_HEIGHT: Final = 170


def rate_rules() -> str:
    import altair

    chart = (
        altair.Chart(altair.NamedData(POINTS), width="container", height=RATE_HEIGHT)
        .mark_area(interpolate="step-after", opacity=0.45, color=RATE)
        .encode(x=_moments(), y=altair.Y("per_s:Q", title=None, axis=altair.Axis(tickCount=3, format="~s", **ROOM)))
    )
    return chart.to_json(indent=None)


def waits_rules() -> str:
    """Each chunk is a stem, as high as it was waited for."""
    import altair

    chart = (
        altair.Chart(altair.NamedData(POINTS), width="container", height=WAITS_HEIGHT)
        .mark_rule(strokeWidth=1.4)
        .encode(
            x=_moments(),
            y=altair.Y(
                "waited_ms:Q",
                title=None,
                scale=altair.Scale(type="log", domainMin=1, nice=False),
                axis=altair.Axis(
                    values=[1, 10, 100, 1_000, 10_000, 100_000],
                    labelExpr="datum.value < 1000 ? datum.value + ' ms' : datum.value / 1000 + ' s'",
                    **ROOM,
                ),
            ),
            y2="least_ms:Q",
            color=altair.Color(
                "level:N",
                title=None,
                scale=altair.Scale(domain=list(LEVEL_WORDS), range=list(WAITS)),
                legend=altair.Legend(orient="top", columns=5, symbolType="stroke", symbolStrokeWidth=4),
            ),
        )
    )
    return chart.to_json(indent=None)


def _moments() -> Any:
    """The time since the start of the call, from there on."""
    import altair

    axis = altair.Axis(format="~g", labelExpr="datum.label + ' s'", grid=False, tickCount=12)
    return altair.X("at_s:Q", title=None, scale=altair.Scale(domainMin=0, nice=False), axis=axis)
