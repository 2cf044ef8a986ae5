"""A call that runs, as the store knows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningCall:
    """A call that has begun and of which no end is known. It counts as no call in any answer."""

    trace_id: str
    span_id: str
    service: str
    run_id: str | None
    provider: str
    model: str | None
    """The one asked for."""
    operation: str
    stream: bool
    started_unix_ns: int
    first_chunk_ns: int | None
    """After the start of the call; None where none had come when its program last said something."""
    chunk_count: int | None
    """As many as had come by then. None where nobody has counted yet."""
    last_sign_unix_ns: int
    """When its program last said that it runs."""
    lost: bool
    """Whether its program has said nothing for too long: it ended without a word, or cannot reach us."""
