"""Percentiles of a latency over time: a line for each, with a gap where nothing was measured."""

from __future__ import annotations

from typing import Final

from firsttoken.page.charts.drawing import POINTS, TIMES

LEVELS: Final = ("p50", "p90", "p95", "p99")
"""As the view names them: short enough for one line of a legend."""


def drawing_rules() -> str:
    import altair

    base = altair.Chart(altair.NamedData(POINTS)).transform_calculate(middle_ms="(datum.start_ms + datum.end_ms) / 2")
    base = base.encode(
        x=altair.X("middle_ms:T", title=None, axis=altair.Axis(tickCount=6, format=TIMES, grid=False)),
        y=altair.Y(
            "high:Q",
            title="seconds",
            scale=altair.Scale(type="log", nice=False),
            axis=altair.Axis(tickCount=5, format="~g"),
        ),
        color=altair.Color(
            "name:O",
            title=None,
            sort=LEVELS,
            legend=altair.Legend(orient="top", symbolType="stroke", columns=len(LEVELS)),
        ),
    )
    lines = base.mark_line(strokeWidth=1.6, invalid="break-paths-show-domains")
    points = base.mark_point(filled=True, size=26).encode(
        href=altair.Href("href:N"),
        opacity=altair.condition("datum.is_whole", altair.value(1), altair.value(0.45)),
        tooltip=[
            altair.Tooltip("words:N", title="at most"),
            altair.Tooltip("name:N", title="percentile"),
            altair.Tooltip("calls:Q", title="calls", format=","),
            altair.Tooltip("when:N", title="from"),
        ],
    )
    return altair.layer(lines, points).properties(width="container", height="container").to_json(indent=None)
