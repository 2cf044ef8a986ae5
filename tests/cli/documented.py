"""The commands that a page of the documentation shows, and what its comments say of how to run them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"

BLOCK: Final = re.compile(
    r"(?:^ *<!-- (?P<marker>[^\n]*) -->\n+)?^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
COMMAND: Final = re.compile(r"^\$ ((?:[A-Z_]+=\S+ )*firsttoken\b(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
"""With the variables that are set for it, and the lines on which it goes on."""


@dataclass(frozen=True, slots=True)
class Block:
    """Commands that are shown together, run in this order."""

    page: str
    commands: tuple[str, ...]
    exit_code: int
    not_run: str | None
    """Why."""
    needs: str | None = None
    """Which server has to be there."""

    def __str__(self) -> str:
        return f"{self.page}: {self.commands[0]}"


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows."""

    blocks: tuple[Block, ...]
    files: dict[str, str]
    """By name. All of its commands find them where they run."""


def page_named(name: str) -> Page:
    """Without a block where there is no such page."""
    path = DOCS / name
    return page_of(name, path.read_text(encoding="utf-8")) if path.exists() else Page((), {})


def page_of(name: str, text: str) -> Page:
    """Raises ValueError for a marker that says nothing."""
    blocks: list[Block] = []
    files: dict[str, str] = {}
    for found in BLOCK.finditer(text):
        key, _, value = (found["marker"] or "").partition(": ")
        text = dedent(found["text"])
        commands = tuple(COMMAND.findall(text))
        match found["language"], key, value:
            case "console", "" | "exit" | "not run" | "needs", _ if commands and bool(key) == bool(value):
                said = {key: value}
                blocks.append(Block(name, commands, int(said.get("exit", 0)), said.get("not run"), said.get("needs")))
            case language, "file", path if language != "console" and path:
                files[path] = text
            case "console", key, _ if key:
                raise ValueError(f"{name}: <!-- {found['marker']} --> says nothing of a block of commands")
            case _:
                pass
    return Page(tuple(blocks), files)


def pages(*names: str) -> Iterator[tuple[Block, dict[str, str]]]:
    """Every block of these pages, with the files that it finds."""
    for page in map(page_named, names):
        yield from ((block, page.files) for block in page.blocks)
