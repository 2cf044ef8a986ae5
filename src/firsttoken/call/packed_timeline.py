"""A timeline as one text that a log record can carry: four bytes for each chunk of an ordinary stream.

Times are taken as steps: how long the caller did not ask for a chunk, and how long he then waited for it. Their first
bytes stand together, then their second bytes, and so on, because most of these planes are nothing but zeros; what the
chunks carried follows, and everything is deflated. Python works on whole lists here, never chunk by chunk: the streams
are long, and this runs in the application's process.
"""

from __future__ import annotations

import base64
import binascii
import struct
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from operator import add, mul, rshift  # pyright: ignore[reportUnknownVariableType]
from typing import Final, cast

from firsttoken.call.timeline import NOTHING, TOOL_CALL, Timeline

ENCODING: Final = "planes-deflate/1"

SHIFT: Final = 8
"""Steps are told in units of 256 nanoseconds, which is to leave out their lowest byte; a step that is too long for four
bytes, in larger units."""

MOST_CHUNKS: Final = 131_072
"""A longer stream has no timeline. Half of one would be a wrong one."""

WORD_BYTES: Final = 4
STEPS: Final = 2
"""For each chunk."""
PAIR_BYTES: Final = WORD_BYTES * STEPS
LOWEST: Final = (0, WORD_BYTES)
"""The lowest bytes of the two steps of a chunk."""

SHIFTED: Final = cast("Callable[[int, int], int]", rshift)

LONGEST: Final = 2**32 - 1
LARGEST_UNIT: Final = 2**40
LATEST_NS: Final = 2**63 - 1

WINDOW_BITS: Final = 12
MEMORY_LEVEL: Final = 3
"""Planes repeat what stood just before, or nothing at all: nobody looks far back, and each plane has its own code."""

Run = tuple[int, int]
"""From which chunk on, counted from 0, a stream carried what."""


@dataclass(frozen=True, slots=True)
class PackedTimeline:
    """When each chunk of a stream came, how long the caller had waited for it, and what it carried."""

    count: int
    """Of chunks."""
    unit_ns: int
    """Steps are whole numbers of this many nanoseconds."""
    data: str
    """In base64."""
    encoding: str = ENCODING
    """How the data is to be read."""


def words_of(steps: Sequence[int]) -> bytes:
    """Steps in nanoseconds, each in four bytes. Raises struct.error for one that is negative, or too long."""
    return struct.pack(f"<{len(steps)}I", *steps)


def packed(words: bytes, runs: Iterable[Run], lengths: Sequence[int] | None = None) -> PackedTimeline:
    """Out of what `words_of` has made of the steps."""
    count = len(words) // PAIR_BYTES
    planes = [bytes(count) if plane in LOWEST else words[plane::PAIR_BYTES] for plane in range(PAIR_BYTES)]
    # The lowest of each step goes, and a plane of zeros stands for what moves up into its place from above.
    return _deflated(1 << SHIFT, [*planes[1:4], planes[0], *planes[5:], planes[4]], runs, lengths)


def packed_long(steps: Sequence[int], runs: Iterable[Run], lengths: Sequence[int] | None = None) -> PackedTimeline:
    """The same of steps of any length. Where a clock runs backwards, it stands still here."""
    steps = list(map(max, steps, repeat(0)))
    shift = max(SHIFT, max(steps).bit_length() - LONGEST.bit_length())
    raw = words_of(list(map(SHIFTED, steps, repeat(shift))))
    return _deflated(1 << shift, [raw[plane::PAIR_BYTES] for plane in range(PAIR_BYTES)], runs, lengths)


def _deflated(unit: int, planes: list[bytes], runs: Iterable[Run], lengths: Sequence[int] | None) -> PackedTimeline:
    count = len(planes[0])
    told = b"" if lengths is None else words_of(list(map(min, lengths, repeat(LONGEST))))
    deflate = zlib.compressobj(6, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL, zlib.Z_RLE)
    raw = b"".join([*planes, _contents(runs, count), *(told[plane::WORD_BYTES] for plane in range(WORD_BYTES))])
    data = deflate.compress(raw) + deflate.flush()
    return PackedTimeline(count, unit, base64.b64encode(data).decode())


def unpacked(timeline: PackedTimeline) -> Timeline | None:
    """None for what no stream can have been, whatever it is. Takes no more memory than the longest timeline."""
    count, unit = timeline.count, timeline.unit_ns
    if timeline.encoding != ENCODING or not (0 < count <= MOST_CHUNKS and 0 < unit <= LARGEST_UNIT):
        return None
    raw = _inflated(timeline.data, (PAIR_BYTES + 1 + WORD_BYTES) * count)
    times, rest = raw[: PAIR_BYTES * count], raw[PAIR_BYTES * count :]
    contents, told = rest[:count], rest[count:]
    if len(contents) < count or max(contents) > TOOL_CALL or len(told) not in (0, WORD_BYTES * count):
        return None
    words = _words(times, PAIR_BYTES)
    # A step of n units took between n and n + 1 of them: the middle is the best guess.
    arrived = tuple(
        map(add, map(mul, tuple(accumulate(words))[1::2], repeat(unit)), range(unit, unit * count + 1, unit))
    )
    if arrived[-1] > LATEST_NS:
        return None
    waited = tuple(map(add, map(mul, words[1::2], repeat(unit)), repeat(unit // 2)))
    return Timeline(arrived, waited, tuple(contents), tuple(_words(told, WORD_BYTES)) if told else None)


def _contents(runs: Iterable[Run], count: int) -> bytes:
    begun = [(0, NOTHING), *runs]
    ends = [*(position for position, _ in begun[1:]), count]
    return b"".join(bytes((carries,)) * (end - begin) for (begin, carries), end in zip(begun, ends, strict=True))


def _words(planes: bytes, number: int) -> array[int]:
    count = len(planes) // number
    raw = bytearray(len(planes))
    for plane in range(number):
        raw[plane::number] = planes[plane * count : (plane + 1) * count]
    words = array("I", bytes(raw))
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _inflated(data: str, most: int) -> bytes:
    """Empty for what is damaged, or gives more than it may."""
    if len(data) > 2 * most + 1024:
        return b""
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(base64.b64decode(data, validate=True), most + 1)
    except (binascii.Error, ValueError, zlib.error):
        return b""
    return raw if inflate.eof and not inflate.unused_data else b""
