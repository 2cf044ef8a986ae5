"""Rows of panels -> a board that looks and behaves like the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import Dashboard, DashboardCursorSync, DashboardLinkType

from boards.panels import PanelBuilder
from boards.variables import VariableBuilder

TAG: Final = "firsttoken"


@dataclass(frozen=True, slots=True)
class Title:
    """What a board is called, under which address it stays, and what it is for."""

    name: str
    uid: str
    description: str
    since: str = "now-6h"


Row = tuple[str, Sequence[PanelBuilder]]


def board(title: Title, variables: Sequence[VariableBuilder], rows: Sequence[Row]) -> Dashboard:
    """Panels are numbered in order, so that a link to one of them goes on being right."""
    made = (
        dashboard.Dashboard(f"LLM calls: {title.name}")
        .uid(title.uid)
        .description(title.description)
        .tags([TAG, "llm", "opentelemetry"])
        .time(title.since, "now")
        .refresh("1m")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .links([_to_the_others()])
        .variables(list(variables))
    )
    for name, panels in rows:
        made = made.with_row(dashboard.Row(name))
        for panel in panels:
            made = made.with_panel(panel)
    built = made.build()
    for number, panel in enumerate(built.panels or [], start=1):
        panel.id_val = number
    return built


def _to_the_others() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("LLM calls")
        .type(DashboardLinkType.DASHBOARDS)
        .icon("external link")
        .tooltip("The other boards, with the same variables and the same time.")
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
