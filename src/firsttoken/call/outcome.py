"""How a call ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Every call ends with exactly one of these."""

    COMPLETED = "completed"
    """The answer arrived whole."""
    CLOSED = "closed"
    """The caller closed the stream early, by `close()` or by leaving its `with` block."""
    ABANDONED = "abandoned"
    """The caller dropped the stream without closing it, or the interpreter ended."""
    CANCELLED = "cancelled"
    """The caller's task or program was cancelled or interrupted while it waited for the provider."""
    TIMED_OUT = "timed_out"
    """The provider did not answer within the client's time limit."""
    FAILED = "failed"
    """The provider or the connection failed."""

    @property
    def is_error(self) -> bool:
        """Whether this is the provider's or the network's fault rather than the caller's choice."""
        return self in (Outcome.FAILED, Outcome.TIMED_OUT)
