"""When the chunks of a stream came and what they carried, kept until it has ended."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from firsttoken.call.packed_timeline import MOST_CHUNKS, STEPS, PackedTimeline, Run, packed, packed_long, words_of

MOST_RUNS: Final = MOST_CHUNKS // 8
"""A stream that changes what it carries as often has no timeline."""


class Arrivals:
    """Eight bytes for each chunk, up to as many chunks as a timeline can have."""

    __slots__ = ("_long", "_parts", "_runs", "_steps", "_whole")

    def __init__(self) -> None:
        self._parts: list[bytes | list[int]] = []
        """Lists are those of which a step is too long for a word."""
        self._steps = 0
        self._runs: list[Run] = []
        self._long = False
        self._whole = True

    def turn(self, position: int, carries: int) -> None:
        """From the chunk at this position on, the stream carries something else. On the caller's path."""
        if len(self._runs) < MOST_RUNS:
            self._runs.append((position, carries))
        else:
            self._whole = False

    def take(self, steps: list[int]) -> None:
        """Takes the steps of the next chunks in, as `Pace` works them out."""
        self._steps += len(steps)
        if self._steps > STEPS * MOST_CHUNKS or not self._whole:
            self._whole = False
            self._parts.clear()
            return
        try:
            self._parts.append(words_of(steps))
        except struct.error:
            self._long = True
            self._parts.append(steps)

    def timeline(self, lengths: list[int] | None = None) -> PackedTimeline | None:
        """None where no chunk came, and where there were too many. Lengths that are not those of these chunks are left
        out: the caller is not handed a chunk that says nothing and was not asked for, which can only be the last."""
        if not (self._whole and self._steps):
            return None
        told = self._fitting(lengths)
        if self._long:
            return packed_long(list(self._all()), self._runs, told)
        return packed(b"".join(part for part in self._parts if isinstance(part, bytes)), self._runs, told)

    def _fitting(self, lengths: list[int] | None) -> list[int] | None:
        count = self._steps // STEPS
        if lengths is None or len(lengths) < count or any(lengths[count:]):
            return None
        return lengths[:count]

    def _all(self) -> Iterator[int]:
        for part in self._parts:
            yield from part if isinstance(part, list) else struct.unpack(f"<{len(part) // 4}I", part)
