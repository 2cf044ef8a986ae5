"""One text that is too long: cut at its middle, with what it was told beside it. All sizes are of its UTF-8."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

SLICE: Final = 1024 * 1024
"""Characters that are encoded at a time, so that no long text stands in memory twice."""

SHORTEST_WITH_COUNT: Final = 64
"""Of less than that, a mark that says how much is missing would leave nothing."""

ELLIPSIS: Final = "…"


def size_of(text: str) -> int:
    """How many bytes it is long."""
    return len(text) if text.isascii() else sum(len(piece) for piece in encoded(text))


def digest_of(text: str) -> str:
    """Its SHA-256, in lower-case hexadecimal."""
    sha = hashlib.sha256()
    for piece in encoded(text):
        sha.update(piece)
    return sha.hexdigest()


def encoded(text: str) -> Iterator[bytes]:
    """Its bytes, piece by piece, with a question mark for each half of a surrogate pair."""
    for start in range(0, len(text), SLICE):
        yield text[start : start + SLICE].encode("utf-8", "replace")


def cut(text: str, limit_bytes: int, size_bytes: int) -> str:
    """Its head and its tail, with a mark between them that says how much is missing: `limit_bytes` in all at most.

    `size_bytes` is the size of the text. No code point is split.
    """
    room = limit_bytes - len(_mark(size_bytes).encode())
    if limit_bytes < SHORTEST_WITH_COUNT or room <= 0:
        return _short(text, limit_bytes)
    head, tail = _head(text, room - room // 2), _tail(text, room // 2)
    kept = len(head.encode("utf-8", "replace")) + len(tail.encode("utf-8", "replace"))
    return f"{head}{_mark(size_bytes - kept)}{tail}"


def share(sizes: Sequence[int], limit: int) -> int:
    """How large each may be, so that all fit together: those that are smaller leave the others more."""
    left = max(limit, 0)
    for rank, size in enumerate(sorted(sizes)):
        fair = left // (len(sizes) - rank)
        if size > fair:
            return fair
        left -= size
    return max(limit, 0)


def halves(limit: int, asked: int, answered: int) -> tuple[int, int]:
    """How much of a limit is for what was asked and for what was answered, by what each would take.

    The answer may take half, and whatever the other leaves.
    """
    for_answer = max(limit // 2, limit - asked)
    return limit - min(answered, for_answer), for_answer


def total(sizes: Iterable[int], each: int) -> int:
    """What the sizes come to, with `each` for every one of them besides."""
    return sum(size + each for size in sizes)


def _mark(missing_bytes: int) -> str:
    return f"[{ELLIPSIS} {missing_bytes:,} bytes cut {ELLIPSIS}]"


def _short(text: str, limit_bytes: int) -> str:
    room = limit_bytes - len(ELLIPSIS.encode())
    return f"{_head(text, room)}{ELLIPSIS}" if room >= 0 else ""


def _head(text: str, limit_bytes: int) -> str:
    return text[:limit_bytes].encode("utf-8", "replace")[:limit_bytes].decode("utf-8", "ignore")


def _tail(text: str, limit_bytes: int) -> str:
    if limit_bytes <= 0:
        return ""
    return text[-limit_bytes:].encode("utf-8", "replace")[-limit_bytes:].decode("utf-8", "ignore")
