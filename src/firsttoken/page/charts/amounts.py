"""Amounts over time, one on top of the other, from zero up. A step that is not whole is paler."""

from __future__ import annotations

from typing import Final

from firsttoken.page.charts.drawing import POINTS, TIMES

LABEL: Final = "datum.value < 1 ? format(datum.value, '~g') : format(datum.value, '~s')"
"""Thousands as k. What is below one is said in full, as money often is."""
WHOLE_LABEL: Final = "datum.value % 1 === 0 ? format(datum.value, '~s') : ''"
"""There is no half of what is counted."""


def drawing_rules(label: str = LABEL) -> str:
    """`label` says what stands at a tick of the scale."""
    import altair

    chart = (
        altair.Chart(altair.NamedData(POINTS), width="container", height="container")
        .mark_rect(x2Offset=-0.5)
        .encode(
            x=altair.X("start_ms:T", title=None, axis=altair.Axis(tickCount=5, format=TIMES, grid=False)),
            x2="end_ms:T",
            y=altair.Y(
                "low:Q",
                title=None,
                scale=altair.Scale(zero=True, domainMin=0),
                axis=altair.Axis(tickCount=4, labelExpr=label),
            ),
            y2="high:Q",
            color=altair.Color("name:N", title=None, legend=altair.Legend(orient="top", symbolLimit=8)),
            opacity=altair.condition("datum.is_whole", altair.value(1), altair.value(0.45)),
            href=altair.Href("href:N"),
            tooltip=[
                altair.Tooltip("words:N", title="amount"),
                altair.Tooltip("name:N", title="model"),
                altair.Tooltip("calls:Q", title="calls", format=","),
                altair.Tooltip("when:N", title="from"),
            ],
        )
    )
    return chart.to_json(indent=None)


def counting_rules() -> str:
    """Of what is counted."""
    return drawing_rules(WHOLE_LABEL)
