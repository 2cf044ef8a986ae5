"""Facts in sections: a title, and below it one line for each fact, its name on the left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.text import Text

from firsttoken.cli.plain import plain
from firsttoken.cli.tables import console_for_output

Fact = tuple[str, str]
"""A name and what is to be said of it. Either may come from anywhere."""


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together. A section without any is not shown."""

    title: str
    facts: tuple[Fact, ...]


def print_sections(sections: Iterable[Section]) -> None:
    """Writes to standard output."""
    console = console_for_output()
    for section in sections:
        if not section.facts:
            continue
        console.print()
        console.print(Text(plain(section.title), style="bold"))
        names = [plain(name) for name, _ in section.facts]
        width = max(map(len, names))
        for name, (_, value) in zip(names, section.facts, strict=True):
            lines = value.split("\n")
            for number, line in enumerate(lines):
                label = name if number == 0 else ""
                console.print(f"  {label:<{width}}  {plain(line)}".rstrip(), soft_wrap=True)
