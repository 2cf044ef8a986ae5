"""Everything about the one call that somebody names by an id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.answers import CallDetail
from firsttoken.analyse.asking import Answer
from firsttoken.analyse.calls import call_in
from firsttoken.analyse.columns import integer, text, text_or_none
from firsttoken.analyse.options import Options
from firsttoken.store import Reader, Row, Selection, Value

SHORTEST_BEGINNING: Final = 6
"""Fewer letters of an id are no id."""
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOptions(Options):
    """The id of one call, whatever else its store holds."""

    id: str
    """Of its span, its trace (or both, with a slash between), its answer or its request; or how one of these begins."""

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class NamedCall:
    """One of the calls that an id may mean."""

    trace_id: str
    span_id: str
    started_unix_ns: int
    provider: str
    model: str | None
    service: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ShowAnswer:
    """One call, or those that were meant."""

    detail: CallDetail | None
    """None unless the id means one call alone."""
    rows: tuple[NamedCall, ...]
    """The newest of those that it may mean: none, one, or several."""


def show(reader: Reader, options: ShowOptions) -> ShowAnswer:
    """Raises StoreError. An id that some calls have whole means these, however many others begin like that."""
    asked = options.id.strip()
    parameters: dict[str, Value] = {
        "id": asked,
        "hexadecimal": asked.lower(),
        "beginning": asked if len(asked) >= SHORTEST_BEGINNING else None,
        "most": MOST_NAMED,
    }
    found = reader.ask("calls_named", parameters)
    meant = [row for row in found if row["whole"]] or found
    named = tuple(map(_named, meant))
    only = named[0] if len(named) == 1 else None
    return ShowAnswer(None if only is None else call_in(reader, only.trace_id, only.span_id), named)


def _named(row: Row) -> NamedCall:
    return NamedCall(
        trace_id=text(row, "trace_id"),
        span_id=text(row, "span_id"),
        started_unix_ns=integer(row, "started_unix_ns"),
        provider=text(row, "provider"),
        model=text_or_none(row, "model"),
        service=text(row, "service"),
        outcome=text(row, "outcome"),
    )


SHOW: Final = Answer("show", ShowOptions, ShowAnswer, show)
