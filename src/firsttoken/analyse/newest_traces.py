"""Traces that have calls, those with the latest first, each with what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.asking import Answer, check_attributes
from firsttoken.analyse.columns import integer, integer_or_none, money_or_none, text, text_or_none
from firsttoken.analyse.options import AtMost, Options
from firsttoken.analyse.tracing import SAYING_AT, said_kind
from firsttoken.store import EVERYTHING, Reader, Row, Selection, Value, Warehouse

TraceCursor = tuple[int, str]
"""A place in the list of traces: the start of the last call of one, and its id."""

WINDOWS: Final = (20_000, 2**63 - 1)
"""Among so many of the latest calls traces are looked for: among few first, as traces with very many calls are rare."""

AT_ONCE: Final = 2_000
"""Traces whose spans are summed up by one question."""


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One trace. Tokens are None where no call told any."""

    trace_id: str
    name: str
    """Of its root, or of its first span where that is not here."""
    service: str
    has_root: bool
    """Whether the span that all others are below came here."""
    started_unix_ns: int
    latest_unix_ns: int
    """When the last of its selected calls started."""
    duration_ns: int
    spans: int
    calls: int
    errors: int
    """Calls that failed or timed out, and other spans that say they failed."""
    input_tokens: int | None
    output_tokens: int | None
    cost: dict[str, Decimal]
    unpriced_calls: int


def newest_traces(
    warehouse: Warehouse, selection: Selection = EVERYTHING, *, limit: int, before: TraceCursor | None = None
) -> list[TraceLine]:
    """Those that have one of the selected calls, with the latest of these first, on from a place. Raises StoreError.

    What a trace came to is of all its calls, whether they are selected or not.
    """
    with warehouse.read() as reader:
        return list(_lines(reader, _latest(reader, selection, limit, before)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesOptions(Options):
    """Those that have one of the selected calls. No traces are an answer, too."""

    limit: AtMost = 100_000

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class TracesAnswer:
    """As in the list of them."""

    rows: tuple[TraceLine, ...]


def traces(reader: Reader, options: TracesOptions) -> TracesAnswer:
    """Raises StoreError and SelectionError."""
    check_attributes(reader, options.selection)
    latest = list(_latest(reader, options.selection, options.limit, None).items())
    parts = (dict(latest[place : place + AT_ONCE]) for place in range(0, len(latest), AT_ONCE))
    return TracesAnswer(tuple(line for part in parts for line in _lines(reader, part)))


TRACES: Final = Answer("traces", TracesOptions, TracesAnswer, traces)


def _lines(reader: Reader, latest: Mapping[str, int]) -> Iterator[TraceLine]:
    """In the order of these traces."""
    asked: dict[str, Value] = {"trace_ids": list(latest)}
    calls = _by_trace(reader.ask("calls_of_traces", asked))
    others = _by_trace(reader.ask("spans_of_traces", {**asked, **SAYING_AT}))
    for each, moment in latest.items():
        if each in calls:
            yield _line(each, moment, calls[each], others.get(each, []))


def cursor_of(line: TraceLine) -> TraceCursor:
    """The place after this trace."""
    return (line.latest_unix_ns, line.trace_id)


def _latest(reader: Reader, selection: Selection, limit: int, before: TraceCursor | None) -> dict[str, int]:
    """When the last selected call of each trace started, in the order of the list."""
    found: list[Row] = []
    before_unix_ns, before_id = before or (None, None)
    asked: dict[str, Value] = {"limit": limit, "before_unix_ns": before_unix_ns, "before_id": before_id}
    for window in WINDOWS:
        found = reader.ask("newest_traces", {**asked, "window": window}, selection)
        if len(found) == limit:
            break
    return {text(row, "trace_id"): integer(row, "latest_unix_ns") for row in found}


def _by_trace(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(text(row, "trace_id"), []).append(row)
    return found


def _line(trace_id: str, latest_unix_ns: int, calls: Sequence[Row], others: Sequence[Row]) -> TraceLine:
    every = [*calls, *others]
    failing = [*calls, *(row for row in others if said_kind(row) != "record")]
    started = min(integer(row, "started_unix_ns") for row in every)
    name, service = _first(every)
    return TraceLine(
        trace_id=trace_id,
        name=name,
        service=service,
        has_root=any(row["root_unix_ns"] is not None for row in every),
        started_unix_ns=started,
        latest_unix_ns=latest_unix_ns,
        duration_ns=max(integer(row, "ended_unix_ns") for row in every) - started,
        spans=sum(integer(row, "spans") for row in every),
        calls=sum(integer(row, "spans") for row in calls),
        errors=sum(integer(row, "errors") for row in failing),
        input_tokens=_sum(integer_or_none(row, "input_tokens") for row in calls),
        output_tokens=_sum(integer_or_none(row, "output_tokens") for row in calls),
        cost={
            currency: amount
            for row in calls
            if (currency := text_or_none(row, "currency")) and (amount := money_or_none(row, "cost")) is not None
        },
        unpriced_calls=sum(integer(row, "unpriced_calls") for row in calls),
    )


def _first(every: Sequence[Row]) -> tuple[str, str]:
    """The name and the service of its root, or of its first span where that is not here."""
    roots = [row for row in every if row["root_unix_ns"] is not None]
    if roots:
        root = min(roots, key=lambda row: integer(row, "root_unix_ns"))
        return text(root, "root_name"), text(root, "root_service")
    first = min(every, key=lambda row: integer(row, "started_unix_ns"))
    return text(first, "first_name"), text(first, "first_service")


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
