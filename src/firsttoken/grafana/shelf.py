"""Where a Grafana keeps boards: the same for each of its interfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Folder:
    """One at the top."""

    uid: str
    title: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A board that is there."""

    model: dict[str, Any]
    folder_uid: str
    """Empty at the top."""
    version: Any
    """What it has to be still when it is replaced."""
    is_provisioned: bool
    """Whether a file, or another tool, is its master: a Grafana saves nothing over it."""


class Shelf(Protocol):
    """One interface of Grafana. Every method raises GrafanaError."""

    def folders(self) -> list[Folder]: ...

    def make_folder(self, folder: Folder) -> None: ...

    def find(self, uid: str) -> Kept | None: ...

    def keep(self, model: dict[str, Any], folder_uid: str, before: Kept | None, message: str) -> None:
        """In place of `before`, unless that has become another meanwhile."""
        ...
