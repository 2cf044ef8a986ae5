"""The boards for Grafana, by the store that they ask."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from firsttoken.provided.files import below, text_of

FOLDER: Final = "dashboards"
PROMETHEUS: Final = "grafana"
OTHERS: Final = "grafana-"
PLUGINS: Final = {"clickhouse": "grafana-clickhouse-datasource"}
"""What Grafana calls the kind of data source, where that is not the name of the store."""


@dataclass(frozen=True, slots=True)
class Board:
    """One board as its file has it."""

    path: PurePosixPath
    model: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def store(self) -> str:
        """Who is asked: prometheus, tempo, jaeger or clickhouse."""
        return self.path.parent.name.removeprefix(OTHERS).replace(PROMETHEUS, "prometheus")

    @property
    def plugin(self) -> str:
        """The kind of data source that a Grafana must have."""
        return PLUGINS.get(self.store, self.store)

    @property
    def uid(self) -> str:
        """Its address in every Grafana. Boards that stand in each other's place share it."""
        return self.model["uid"]

    @property
    def title(self) -> str:
        return self.model["title"]

    @property
    def description(self) -> str:
        return self.model["description"]


def boards() -> tuple[Board, ...]:
    """Those for Prometheus first. Raises OSError."""
    paths = [path for path in below(FOLDER) if path.parent.name.startswith(PROMETHEUS)]
    return tuple(Board(path, json.loads(text_of(path))) for path in paths)
