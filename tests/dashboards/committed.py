"""The boards as they are committed, and what they ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "dashboards"
BOARDS = {
    f"{path.parent.name}/{path.stem}".removeprefix("grafana").lstrip("-/"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("grafana*/*.json"))
}
"""By name; those of another store than Prometheus behind its name."""
PROMETHEUS = [name for name, board in BOARDS.items() if board["templating"]["list"][0]["query"] == "prometheus"]
CHOSEN = ("service", "environment", "provider", "model", "operation", "currency")


@dataclass(frozen=True)
class Asked:
    """One query of a panel."""

    board: str
    panel: Mapping[str, Any]
    target: Mapping[str, Any]

    @property
    def expression(self) -> str:
        return self.target["expr"]

    def __str__(self) -> str:
        return f"{self.board}: {self.panel['title']} {self.target['refId']}"


def panels(board: str) -> list[Mapping[str, Any]]:
    return [panel for panel in BOARDS[board]["panels"] if panel["type"] != "row"]


def every_panel() -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, panel) for name in BOARDS for panel in panels(name)]


def every_promql() -> list[Asked]:
    return [
        Asked(name, panel, target)
        for name, panel in every_panel()
        for target in panel["targets"]
        if target["datasource"]["type"] == "prometheus"
    ]


def filled_in(expression: str, window: str = "1h", **chosen: str) -> str:
    """As Grafana asks it, where nothing is chosen but what is given."""
    variables = {"__rate_interval": "5m", "__range": window, **dict.fromkeys(CHOSEN, ".*"), **chosen}
    for name, value in variables.items():
        expression = expression.replace(f"${name}", value)
    return expression
