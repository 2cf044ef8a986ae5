"""When things happened in one call, on one monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MICROSECOND: Final = 1_000


def last_moment(started_unix_ns: int, duration_ns: int) -> int:
    """The end of a span for an event that belongs to it: less than a microsecond before it.

    Jaeger counts in whole microseconds and rounds start, duration and event down, each by itself. An event at the very
    end would so often lie behind its span, and the page leaves out what does.
    """
    return started_unix_ns + duration_ns // MICROSECOND * MICROSECOND


@dataclass(frozen=True, slots=True)
class Stall:
    """One stretch in which the caller waited for something new and got keep-alives at most."""

    began_ns: int
    """After the start of the call: when the last thing of substance had come."""
    length_ns: int
    """How long the caller then waited, his own time taken out."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Marks of one call, in nanoseconds after its start. None means "did not happen" or "not observed".

    `started_unix_ns` is the only wall-clock reading; every other mark is a difference of
    monotonic readings, so a clock that is set back cannot make a duration negative.
    """

    started_unix_ns: int
    duration_ns: int
    """Up to the last byte, or to the moment the call failed or was given up."""
    headers_ns: int | None = None
    first_chunk_ns: int | None = None
    """First event of any kind."""
    first_token_ns: int | None = None
    """First event that carries content: text, reasoning or a tool call."""
    last_chunk_ns: int | None = None
    chunk_count: int | None = None
    """Events of a streamed answer that were handed to the caller; None for a whole answer."""
    largest_gap_ns: int | None = None
    """The longest time between two neighbouring chunks, the caller's own time taken out."""
    provider_wait_ns: int | None = None
    """Time spent waiting for the provider, from the start of the call to its end."""
    consumer_wait_ns: int | None = None
    """Time the caller spent between asking for one chunk and the next."""
    stall_count: int | None = None
    """How often a stream said nothing new for too long, keep-alives left out; None where nobody looked."""
    stalled_ns: int | None = None
    """How long that was in all."""
    first_stall_ns: int | None = None
    """When the first of them began."""

    @property
    def ended_unix_ns(self) -> int:
        return self.started_unix_ns + self.duration_ns

    @property
    def last_moment_unix_ns(self) -> int:
        """When the events of its end are."""
        return last_moment(self.started_unix_ns, self.duration_ns)

    @property
    def first_mark_ns(self) -> int | None:
        """The first content token, or the first chunk where no content was seen."""
        return self.first_token_ns if self.first_token_ns is not None else self.first_chunk_ns
