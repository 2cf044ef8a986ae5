"""How a time is spread in two selections: two bars side by side for each range of it."""

from __future__ import annotations

from typing import Final

from firsttoken.page.charts.drawing import POINTS

SIDES: Final = ("A", "B")
COLOURS: Final = ("#5b7f95", "#2f7dd1")


def drawing_rules() -> str:
    import altair

    chart = (
        altair.Chart(altair.NamedData(POINTS), width="container", height="container")
        .mark_bar()
        .encode(
            x=altair.X(
                "bin:N",
                title=None,
                sort=altair.EncodingSortField("at"),
                axis=altair.Axis(labelAngle=0, labelOverlap="greedy", ticks=False),
            ),
            xOffset="side:N",
            y=altair.Y("share:Q", title=None, axis=altair.Axis(tickCount=4, format=".0%")),
            color=altair.Color(
                "side:N",
                title=None,
                scale=altair.Scale(domain=list(SIDES), range=list(COLOURS)),
                legend=altair.Legend(orient="top"),
            ),
        )
    )
    return chart.to_json(indent=None)
