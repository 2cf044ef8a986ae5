"""Boards into a Grafana: what is there and the same stays, and another is replaced only where that is asked."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from firsttoken.grafana.server import DataSource
from firsttoken.grafana.shelf import Folder, Kept, Shelf

FOLDER: Final = Folder("firsttoken", "LLM calls")
"""Unless another one is named."""
OF_A_GRAFANA: Final = frozenset({"id", "uid", "version"})
"""Members of a board that are no part of what it shows."""

Outcome = Literal["created", "replaced", "unchanged", "changed", "provisioned"]
"""The last two were left as they are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How the boards are to be installed."""

    folder: str | None
    """Title or uid. None is ours, and leaves boards that are there where they are."""
    overwrite: bool
    dry_run: bool
    message: str


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of one board."""

    title: str
    uid: str
    outcome: Outcome


def with_sources(model: dict[str, Any], chosen: Sequence[DataSource]) -> dict[str, Any]:
    """The board, opened with these data sources."""
    by_plugin = {source.plugin: source for source in chosen}
    made = copy.deepcopy(model)
    for variable in made["templating"]["list"]:
        if variable["type"] == "datasource" and (source := by_plugin.get(variable["query"])):
            variable["current"] = {"text": source.name, "value": source.uid}
    return made


def install(shelf: Shelf, models: Sequence[dict[str, Any]], wish: Wish) -> Iterator[Installed]:
    """One after the other, each told as soon as it is there. Raises GrafanaError."""
    folder = _Folder(shelf, wish)
    for model in models:
        before = shelf.find(model["uid"])
        outcome = _outcome(model, before, wish, folder)
        if outcome in ("created", "replaced") and not wish.dry_run:
            shelf.keep(model, folder.of(before), before, wish.message)
        yield Installed(model["title"], model["uid"], outcome)


def _outcome(model: dict[str, Any], before: Kept | None, wish: Wish, folder: _Folder) -> Outcome:
    if before is None:
        return "created"
    is_same = all(has(before.model.get(name), value) for name, value in model.items() if name not in OF_A_GRAFANA)
    if is_same and folder.is_right(before):
        return "unchanged"
    if before.is_provisioned:
        return "provisioned"
    return "replaced" if wish.overwrite else "changed"


def has(theirs: Any, ours: Any) -> bool:
    """Whether it has all that ours has: a Grafana adds what it takes for granted, and drops what is null."""
    if isinstance(ours, dict):
        members = cast("dict[str, Any]", ours)
        return isinstance(theirs, dict) and all(
            has(cast("dict[str, Any]", theirs).get(name), value) for name, value in members.items()
        )
    if isinstance(ours, list):
        items = cast("list[Any]", ours)
        others = cast("list[Any]", theirs) if isinstance(theirs, list) else []
        return len(items) == len(others) and all(map(has, others, items))
    return theirs == ours


class _Folder:
    """The folder for new boards, looked for and made once it is needed."""

    def __init__(self, shelf: Shelf, wish: Wish) -> None:
        self._shelf = shelf
        self._wish = wish
        self._found: Folder | None = None

    def is_right(self, before: Kept) -> bool:
        """Whether a board is where it is wished to be."""
        if self._wish.folder is None:
            return True
        self._found = self._found or self._existing()
        return self._found is not None and before.folder_uid == self._found.uid

    def of(self, before: Kept | None) -> str:
        if before is not None and self._wish.folder is None:
            return before.folder_uid
        self._found = self._found or self._existing() or self._made()
        return self._found.uid

    def _existing(self) -> Folder | None:
        name = self._wish.folder
        for folder in self._shelf.folders():
            if (folder.uid == FOLDER.uid) if name is None else (name in (folder.uid, folder.title)):
                return folder
        return None

    def _made(self) -> Folder:
        name = self._wish.folder
        folder = FOLDER if name is None else Folder(f"firsttoken-{_digest(name)}", name)
        self._shelf.make_folder(folder)
        return folder


def _digest(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()[:12]
