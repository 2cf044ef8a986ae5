"""The configurations for the Collector, and what is made of them: one for each situation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from firsttoken.provided.files import below, text_of

FOLDER: Final = PurePosixPath("collector-config")
HEAD: Final = re.compile(r"(?:# [^\n]*\n)+")
SENTENCE: Final = re.compile(r".*?\.(?=\s|$)", re.DOTALL)
OF_SEVERAL: Final[Mapping[str, tuple[PurePosixPath, tuple[str, ...]]]] = {
    "docker-compose": (FOLDER / "docker-compose.yaml", ("collector-config", "dashboards")),
    "kubernetes": (FOLDER / "kustomization.yaml", ("collector-config",)),
}
"""The file that says what it is for, and the folders with all that it reads."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one situation needs."""

    name: str
    told_by: PurePosixPath
    files: tuple[PurePosixPath, ...]

    @property
    def text(self) -> str | None:
        """None of one that has several files."""
        return text_of(self.told_by) if self.files == (self.told_by,) else None

    @property
    def says(self) -> str:
        """What it is for, in its file's own first sentence."""
        head = HEAD.match(text_of(self.told_by))
        words = " ".join(line.lstrip("# ") for line in head[0].splitlines()) if head else ""
        sentence = SENTENCE.match(words)
        return (sentence[0] if sentence else words).rstrip(".:")


def configurations() -> dict[str, Configuration]:
    """By name: those of one file first. Raises OSError."""
    there = below(str(FOLDER))
    leading = [told_by for told_by, _ in OF_SEVERAL.values()]
    alone = [path for path in there if path.parent == FOLDER and path.suffix == ".yaml" and path not in leading]
    single = {path.stem: Configuration(path.stem, path, (path,)) for path in alone}
    several = {
        name: Configuration(name, told_by, tuple(path for folder in folders for path in below(folder)))
        for name, (told_by, folders) in OF_SEVERAL.items()
        if told_by in there
    }
    return single | several
