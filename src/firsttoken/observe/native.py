"""The spans that an SDK makes itself: whether a client makes them, and which span stands for a call."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, cast

import wrapt
from opentelemetry.trace import NonRecordingSpan, Span, set_span_in_context

from firsttoken.guard import guarded
from firsttoken.observe.recording import Recording
from firsttoken.providers.fields import mapping

SWITCH: Final = "ANTHROPIC_OPEN_TELEMETRY"
CHOICES: Final = frozenset({"tracer_provider", "conversation_id"})
"""Options that only somebody who wants the SDK's spans would set."""


class NativeSpans(NamedTuple):
    """`on`: the client makes spans. `chosen`: its user configured them, so they stay."""

    on: bool
    chosen: bool


def native_spans(client: Any) -> NativeSpans:
    """Read from the client's public `open_telemetry` option (anthropic 1.14 and newer); other clients make none."""
    options = mapping(getattr(client, "open_telemetry", None))
    traces = mapping(options.get("traces"))
    if not traces.get("enabled"):
        return NativeSpans(on=False, chosen=False)
    chosen = (
        traces.get("content_mode") == "content"
        or not CHOICES.isdisjoint(options.keys())
        or bool(os.environ.get(SWITCH, "").strip())
    )
    return NativeSpans(on=True, chosen=chosen)


class LentSpan(NonRecordingSpan):
    """A call's span in the hands of the SDK, which cannot write on it or end it. It is current while the SDK has it."""


class Trace(wrapt.ObjectProxy):  # pyright: ignore[reportMissingTypeArgument, reportUntypedBaseClass]
    """`opentelemetry.trace` as the SDK's module sees it: no span that is lent is made current once more.

    The SDK would restore the context wherever its coroutine is closed, and where that is not where it began, it cannot
    be restored: OpenTelemetry would log an error, which nobody would see without us.
    """

    def use_span(self, span: Span, *args: Any, **kwargs: Any) -> AbstractContextManager[Span]:
        if isinstance(span, LentSpan):
            return contextlib.nullcontext(span)
        replaced = cast("Any", self.__wrapped__)  # pyright: ignore[reportUnknownMemberType]
        return replaced.use_span(span, *args, **kwargs)


def stand_in(recording: Recording, start_native: Callable[[], Any]) -> Any:
    """The span that the SDK is to hold for a call, or None.

    In the place of its own it gets ours under a name that it cannot write on or end: so it sends the trace context as
    it always does, at the moment it always does, and nothing else.
    """
    if not recording.wants_span:
        if (chosen := start_native()) is not None:
            _adopt(recording, chosen)
            return chosen
        # Chosen, but made by nobody: the SDK makes no span where OpenTelemetry has no provider.
        _start_ours(recording)
        return _under_cover(recording, NonRecordingSpan)
    return _under_cover(recording, LentSpan)


@guarded("adopt the SDK's span")
def _adopt(recording: Recording, span: Any) -> None:
    recording.context = set_span_in_context(span)


@guarded("start a call's span")
def _start_ours(recording: Recording) -> None:
    recording.wants_span = True
    recording.sink.started(recording)


@guarded("lend a call's span")
def _under_cover(recording: Recording, kind: type[NonRecordingSpan]) -> NonRecordingSpan | None:
    held = None if recording.span is None else recording.span.get_span_context()
    return None if held is None or not held.is_valid else kind(held)
