"""What a Grafana is: its data sources, and the interface by which it keeps boards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from firsttoken.grafana.connection import Connection
from firsttoken.grafana.newer import NewerShelf
from firsttoken.grafana.older import OlderShelf
from firsttoken.grafana.shelf import Shelf


class _Source(TypedDict):
    type: str
    uid: NotRequired[str]


class _Settings(TypedDict):
    """Some of what a browser is told first."""

    buildInfo: dict[str, Any]
    namespace: NotRequired[str]
    datasources: NotRequired[dict[str, _Source]]


SETTINGS: Final = TypeAdapter(_Settings)
BUILT_IN: Final = "datasource"
"""The kind of those that every Grafana has, and that no store is behind."""


@dataclass(frozen=True, slots=True)
class DataSource:
    """One that the token may ask."""

    name: str
    uid: str
    plugin: str
    """Its kind."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Grafana that answered."""

    address: str
    sources: tuple[DataSource, ...]
    shelf: Shelf

    @classmethod
    def at(cls, connection: Connection) -> Server:
        """Raises GrafanaError."""
        # A token that may edit boards may read these; the list of data sources itself is for administrators.
        settings = connection.get("/api/frontend/settings", "to say what it is", SETTINGS)
        newer = NewerShelf(connection, settings.get("namespace", "default"))
        shelf = newer if newer.is_there() else OlderShelf(connection)
        told = settings.get("datasources", {})
        sources = [DataSource(name, each["uid"], each["type"]) for name, each in told.items() if "uid" in each]
        return cls(connection.address, tuple(source for source in sources if source.plugin != BUILT_IN), shelf)

    def plugins(self) -> frozenset[str]:
        return frozenset(source.plugin for source in self.sources)
