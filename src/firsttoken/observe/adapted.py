"""How the streaming adapter and the seam know that they are about the same call.

The adapter says so for the time of the send alone; what else the program asks of an SDK meanwhile is another call.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from contextvars import ContextVar
from typing import Final

from opentelemetry.trace import SpanContext, get_current_span

from firsttoken.observe.recording import Overruling, Recording


class AdaptedCall:
    """One call of an adapter, and its recording once it has one."""

    __slots__ = ("by_adapter", "overruling", "recording", "span_context")

    def __init__(self, overruling: Overruling | None = None) -> None:
        self.overruling = overruling
        self.recording: Recording | None = None
        self.by_adapter = False
        """Whether the adapter records it itself: then the SDK call that it may be is not observed once more."""
        self.span_context: SpanContext | None = None

    def recorded_by(self, recording: Recording) -> None:
        self.recording = recording
        recording.overruling = self.overruling
        self.note_span()

    def note_span(self) -> None:
        """Keeps who the call's span is: the recording lets go of the span itself when it has ended."""
        recording = self.recording
        if self.span_context is None and recording is not None and recording.context is not None:
            self.span_context = get_current_span(recording.context).get_span_context()


_sent: Final[ContextVar[AdaptedCall | None]] = ContextVar("firsttoken_adapted_call", default=None)


@contextlib.contextmanager
def sending(call: AdaptedCall) -> Generator[None]:
    """What an SDK is asked inside, up to its first call, is this call."""
    token = _sent.set(call)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # A coroutine that is closed elsewhere has lost its context.
            _sent.reset(token)


def call_being_sent() -> AdaptedCall | None:
    return _sent.get()
