"""What came in, what it turned into, and what of it could not be kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from firsttoken.store import Batch

LARGEST_TIME: Final = 2**63 - 1
"""The store counts nanoseconds in signed 64 bits, which end in the year 2262."""


class ItemError(ValueError):
    """One span or log record cannot be kept. The message is a reason of a few words, fit for counting."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The bytes of one request, uncompressed, and when they came."""

    payload: bytes
    received_unix_ns: int

    def digest(self) -> str:
        """The same for a request that is sent again."""
        return blake2b(self.payload, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class ToldLoss:
    """What a sender says it lost."""

    sender: str
    """Who counts, and since when: the same for every report of one count."""
    what: str
    """For example `spans: queue_full`."""
    number: int
    is_more: bool
    """Whether it comes on top of what was told before, or is the sum so far."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The rows of one request, how many items it held, and why some of them are no rows."""

    batch: Batch
    items: int
    refused: Counter[str] = field(default_factory=Counter[str])
    losses: tuple[ToldLoss, ...] = ()


def id_text(value: bytes, length_bytes: int) -> str | None:
    """The id in hexadecimal; None where the protocol calls it invalid."""
    return value.hex() if len(value) == length_bytes and any(value) else None


def checked_time(unix_ns: int) -> int:
    """Raises ItemError for a time that no clock gave."""
    if not 0 < unix_ns <= LARGEST_TIME:
        raise ItemError("time out of range")
    return unix_ns


def checked_times(started_unix_ns: int, ended_unix_ns: int) -> tuple[int, int]:
    """Raises ItemError for what ends before it starts too."""
    started, ended = checked_time(started_unix_ns), checked_time(ended_unix_ns)
    if ended < started:
        raise ItemError("ends before it starts")
    return started, ended
