"""How many calls took how long, over time: the more calls, the stronger the cell."""

from __future__ import annotations

from firsttoken.page.charts.drawing import POINTS, TIMES


def drawing_rules() -> str:
    import altair

    chart = (
        altair.Chart(altair.NamedData(POINTS), width="container", height="container")
        .mark_rect(x2Offset=-0.5, yOffset=-0.5)
        .encode(
            x=altair.X("start_ms:T", title=None, axis=altair.Axis(tickCount=6, format=TIMES, grid=False)),
            x2="end_ms:T",
            y=altair.Y(
                "low:Q",
                title="seconds",
                scale=altair.Scale(type="log", nice=False),
                axis=altair.Axis(tickCount=5, format="~g"),
            ),
            y2="high:Q",
            color=altair.Color(
                "calls:Q",
                title=None,
                scale=altair.Scale(type="log"),
                legend=altair.Legend(orient="top", gradientLength=120, gradientThickness=8, tickCount=3, format="~s"),
            ),
            href=altair.Href("href:N"),
            tooltip=[
                altair.Tooltip("words:N", title="calls"),
                altair.Tooltip("name:N", title="first token"),
                altair.Tooltip("when:N", title="from"),
            ],
        )
    )
    return chart.to_json(indent=None)
