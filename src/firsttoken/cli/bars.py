"""Counts as bars of plain letters, the longest of which is as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firsttoken.cli.plain import plain
from firsttoken.cli.tables import UNLIMITED, console_for_output

WIDEST: Final = 50


def print_bars(bars: Sequence[tuple[str, int]]) -> None:
    """One line each, its label before and its count behind. Whatever is not 0 has a bar of one letter at least."""
    labels = [plain(label) for label, _ in bars]
    counts = [f"{count:,}" for _, count in bars]
    before, behind = (max(map(len, words), default=0) for words in (labels, counts))
    width = console_for_output().width
    room = WIDEST if width >= UNLIMITED else max(1, min(WIDEST, width - before - behind - 4))
    longest = max((count for _, count in bars), default=0)
    for label, (_, count), words in zip(labels, bars, counts, strict=True):
        length = max(1, round(room * count / longest)) if count else 0
        print(f"{label:>{before}}  {'#' * length}{' ' if length else ''}{words}")
