"""A call's span made current, for the send alone."""

from __future__ import annotations

from contextlib import suppress
from contextvars import Token

from opentelemetry import context
from opentelemetry.context import Context

from firsttoken.guard import guarded
from firsttoken.observe.recording import Recording


@guarded("make a call's span current")
def attach(recording: Recording) -> Token[Context] | None:
    return None if recording.context is None else context.attach(recording.context)


@guarded("restore the context")
def detach(token: Token[Context]) -> None:
    # Not by `context.detach`: a coroutine that is closed elsewhere has lost its context, and it would log an error.
    with suppress(ValueError):  # Elsewhere there is nothing to restore.
        token.var.reset(token)
