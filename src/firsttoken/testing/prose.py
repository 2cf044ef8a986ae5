"""Text that nobody wrote: pieces as a tokenizer might cut them, the same for the same seed."""

from __future__ import annotations

from zlib import crc32

WORDS = (
    " the", " first", " token", " arrives", " and", " then", " every", " other", " one", " follows", " in", " its",
    " own", " time", " over", " a", " wire", " that", " stays", " quiet", " between", " two", " chunks", ",", ".",
    " naïve", " café", " →", " 令牌",
)  # fmt: skip


def dice(seed: int, throw: int) -> float:
    """A number from 0 up to 1, always the same for the same seed and throw."""
    return crc32(f"{seed}:{throw}".encode()) / 2**32


def prose(seed: int, count: int) -> tuple[str, ...]:
    """So many pieces of text."""
    return tuple(WORDS[int(dice(seed, throw) * len(WORDS))] for throw in range(count))


def split(text: str, length: int = 6) -> tuple[str, ...]:
    """The text in pieces of that many characters."""
    return tuple(text[start : start + length] for start in range(0, len(text), length))
