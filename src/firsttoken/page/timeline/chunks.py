"""The chunks of one stream as rows: when each came, how long it was waited for, and what it carried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.analyse.asking import Answer
from firsttoken.analyse.calls import call_in
from firsttoken.analyse.options import Options
from firsttoken.errors import SelectionError
from firsttoken.page.timeline.gaps import CONTENTS
from firsttoken.page.timeline.words import words_of
from firsttoken.page.told_content import content_of
from firsttoken.store import Reader, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunksOptions(Options):
    """One call, whatever else its store holds."""

    trace_id: str
    span_id: str

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """One of them."""

    number: int
    """From 1 on, as the page counts them."""
    arrived_s: float
    """After the start of the call."""
    waited_s: float
    """How long the caller had then waited for the provider."""
    content: str
    characters: int | None
    """None where only the times were recorded."""
    text: str | None
    """None where it is not known which words came when."""


@dataclass(frozen=True, slots=True)
class ChunksAnswer:
    """In the order in which they came."""

    rows: tuple[Chunk, ...]


def chunks(reader: Reader, options: ChunksOptions) -> ChunksAnswer:
    """Raises SelectionError for a call that is not there or has no timeline, and StoreError."""
    detail = call_in(reader, options.trace_id.lower(), options.span_id.lower())
    if detail is None:
        raise SelectionError(f"there is no call {options.span_id} in trace {options.trace_id}")
    if detail.timeline is None:
        raise SelectionError(f"no timeline was recorded of call {options.span_id}: there are no chunks to tell of")
    return ChunksAnswer(tuple(_chunks(detail)))


def _chunks(detail: CallDetail) -> Iterator[Chunk]:
    timeline = detail.timeline
    assert timeline is not None  # noqa: S101  its caller looked
    words = words_of(timeline, content_of(detail))
    times = zip(timeline.arrived_ns, timeline.waited_ns, timeline.contents, strict=True)
    for place, (arrived_ns, waited_ns, content) in enumerate(times):
        yield Chunk(
            number=place + 1,
            arrived_s=arrived_ns / 1e9,
            waited_s=waited_ns / 1e9,
            content=CONTENTS.get(content, str(content)),
            characters=None if timeline.lengths is None else timeline.lengths[place],
            text=None if words is None else words[place],
        )


CHUNKS: Final = Answer("chunks", ChunksOptions, ChunksAnswer, chunks)
