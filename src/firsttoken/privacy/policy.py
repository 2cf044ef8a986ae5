"""How much of what is said in a call may be told, and where: by the settings, and by the program's own word."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, get_args

from firsttoken.settings import ContentLevel, Settings


@dataclass(frozen=True, slots=True)
class Levels:
    """One for each place that the content of a call can go to."""

    spans: ContentLevel = "none"
    events: ContentLevel = "none"
    trace: ContentLevel = "none"

    @classmethod
    def of(cls, settings: Settings) -> Levels:
        """What the settings say."""
        return cls(
            spans="full" if settings.content_on_spans else "none",
            events="full" if settings.content_on_events else "none",
            trace=settings.trace_content if settings.traces_in_logs else "none",
        )

    @property
    def wants_messages(self) -> bool:
        """Whether what was said goes out in the words of the conventions."""
        return self.spans != "none" or self.events != "none"

    @property
    def wants_bodies(self) -> bool:
        """Whether it goes out in the words of the wire."""
        return self.trace != "none"


@dataclass(frozen=True, slots=True)
class _Said:
    """What the program has said of the calls in a block; None is nothing."""

    spans: ContentLevel | None = None
    events: ContentLevel | None = None
    trace: ContentLevel | None = None


_NOTHING: Final = _Said()
_said: ContextVar[_Said] = ContextVar("firsttoken_content", default=_NOTHING)


@contextlib.contextmanager
def content(
    level: ContentLevel | None = None,
    *,
    spans: ContentLevel | None = None,
    events: ContentLevel | None = None,
    trace: ContentLevel | None = None,
) -> Generator[None]:
    """Says how much may be told of the calls that start inside: `none`, `metadata` (their shape) or `full`.

    `level` is for every place that content can go to; the others are for one. A block inside another one decides for
    the places that it names. It may tell more than the settings do: that is the program's own word. Where a signal does
    not go out at all, its content does not either. Raises ValueError for another word.
    """
    for given in (level, spans, events, trace):
        if given is not None and given not in get_args(ContentLevel):
            raise ValueError(f"{given!r} is none of {', '.join(get_args(ContentLevel))}")
    outer = _said.get()
    token = _said.set(
        _Said(spans or level or outer.spans, events or level or outer.events, trace or level or outer.trace)
    )
    try:
        yield
    finally:
        _said.reset(token)


def levels_now(settled: Levels) -> Levels:
    """Those of a call that starts here. `settled` is what the settings say."""
    said = _said.get()
    if said is _NOTHING:
        return settled
    return Levels(said.spans or settled.spans, said.events or settled.events, said.trace or settled.trace)
