"""Which rows came lately, told by a few megabytes instead of the tables: whether a row is new for certain."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

MARKED: Final = 1_000_000
"""Rows of one generation. The latest two are known."""
BITS: Final = 1 << 26
PROBES: Final = np.arange(5, dtype=np.uint64)
"""Bits of each row. With so many, one in 400,000 new rows has all of its bits set by others."""


class Recent:
    """Knows every row that is stored with a later time than one that rises with every generation it forgets."""

    def __init__(self, latest_unix_ns: int | None, *, marked: int = MARKED) -> None:
        """Of rows that are stored already: nothing is known of them but the latest time. None where there are none."""
        self._known_after_unix_ns = -1 if latest_unix_ns is None else latest_unix_ns
        self._marked = marked
        self._older = _Generation()
        self._newer = _Generation()

    def are_new(self, keys: Collection[Hashable], first_unix_ns: int, last_unix_ns: int) -> bool:
        """Whether no row with one of these keys may be stored, and none stands among them twice.

        They are known from now on, also where they are not written in the end: then the tables tell.
        """
        hashes = np.fromiter(map(hash, keys), np.int64, len(keys)).view(np.uint64)
        bits = _bits_of(hashes)
        new = (
            first_unix_ns > self._known_after_unix_ns
            and len(np.unique(hashes)) == len(hashes)
            and not (self._older.may_have_any(bits) or self._newer.may_have_any(bits))
        )
        self._newer.add(bits, last_unix_ns)
        if self._newer.count >= self._marked:
            self._known_after_unix_ns = max(self._known_after_unix_ns, self._older.last_unix_ns)
            self._older, self._newer = self._newer, _Generation()
        return new


class _Generation:
    """A Bloom filter."""

    def __init__(self) -> None:
        self.count = 0
        self.last_unix_ns = -1
        self._set = np.zeros(BITS // 8, np.uint8)

    def may_have_any(self, bits: Words) -> bool:
        return bool(self.count and (self._set[bits >> 3] & _masks(bits)).all(axis=1).any())

    def add(self, bits: Words, last_unix_ns: int) -> None:
        np.bitwise_or.at(self._set, bits >> 3, _masks(bits))
        self.count += len(bits)
        self.last_unix_ns = max(self.last_unix_ns, last_unix_ns)


def _bits_of(hashes: Words) -> Words:
    """A line of places for each."""
    begun = hashes[:, None]
    return (begun + PROBES * (begun >> np.uint64(32) | np.uint64(1))) & np.uint64(BITS - 1)


def _masks(bits: Words) -> NDArray[np.uint8]:
    return (1 << (bits & 7)).astype(np.uint8)
