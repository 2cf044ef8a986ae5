"""The provider traces of one call, ready to be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from firsttoken.page import figures
from firsttoken.page.json_text import json_text
from firsttoken.trace.record import ProviderTrace

Fact = tuple[str, str]
"""A name and what there is to say of it."""


@dataclass(frozen=True, slots=True)
class TraceView:
    """One record."""

    title: str
    facts: tuple[Fact, ...]
    """Empty for a record that only its own text describes."""
    document: str
    """All of it as JSON over several lines."""


def trace_views(bodies: Sequence[JsonValue]) -> tuple[TraceView, ...]:
    """In the order of the attempts. What is no record of ours is shown as it came."""
    return tuple(_view(body) for body in sorted(bodies, key=_number))


def last_trace(bodies: Sequence[JsonValue]) -> ProviderTrace | None:
    """The record of the call itself; None where there is none that can be read."""
    for body in sorted(bodies, key=_number, reverse=True):
        try:
            trace = ProviderTrace.from_body(body)
        except ValidationError:
            continue
        if trace.attempt.final:
            return trace
    return None


def _number(body: JsonValue) -> int:
    mark = body.get("attempt") if isinstance(body, dict) else None
    number = mark.get("number") if isinstance(mark, dict) else None
    return number if isinstance(number, int) else 0


def _view(body: JsonValue) -> TraceView:
    document = json_text(body)
    try:
        trace = ProviderTrace.from_body(body)
    except ValidationError:
        return TraceView("A record that cannot be read", (), document)
    last = "the last" if trace.attempt.final else "followed by another"
    return TraceView(f"Attempt {figures.count(trace.attempt.number)}, {last}", tuple(_facts(trace)), document)


def _facts(trace: ProviderTrace) -> Iterator[Fact]:
    yield from _sizes(trace)
    yield from _events(trace)
    yield from _marks(trace)


def _sizes(trace: ProviderTrace) -> Iterator[Fact]:
    sizes = trace.sizes
    for name, size in (
        ("Request", sizes.request_bytes),
        ("Answer", sizes.response_bytes),
        ("Text sent", sizes.request_text_bytes),
        ("Text answered", sizes.response_text_bytes),
    ):
        if size is not None:
            yield name, figures.size(size)


def _events(trace: ProviderTrace) -> Iterator[Fact]:
    if (events := trace.events) is not None:
        for kind, times in sorted(events.by_type.items(), key=lambda counted: (-counted[1], counted[0])):
            yield f"Events of {kind}", figures.count(times)
        if events.last_type is not None:
            yield "Last event", events.last_type
        if events.unread:
            yield "Events that could not be read", figures.count(events.unread)
    if trace.novelties:
        yield "Unknown to firsttoken", ", ".join(trace.novelties)


def _marks(trace: ProviderTrace) -> Iterator[Fact]:
    """What was done to the bodies."""
    for cut in trace.truncations:
        stored = f", kept whole as {cut.stored}" if cut.stored is not None else ""
        yield f"Cut {cut.path}", f"from {figures.size(cut.original_bytes)}{stored}"
    if trace.truncated > len(trace.truncations):
        yield "Texts cut in all", figures.count(trace.truncated)
    if trace.items_left_out:
        yield "Items left out", figures.count(trace.items_left_out)
    for taken in trace.redactions:
        yield f"Taken out: {taken.kind}", f"{figures.count(taken.count)} {'time' if taken.count == 1 else 'times'}"
