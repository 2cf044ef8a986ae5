"""Where in time the calls at some place of a list are, found by counting, so that few calls have to be sorted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from firsttoken.analyse.columns import integer, integer_or_none
from firsttoken.store import Reader, Selection

STEPS: Final = 1000
"""Into which the time of the calls is cut."""
FEW: Final = 10_000
"""Calls that are sorted at once."""


class Place(NamedTuple):
    """Those of the selected calls that started within a time, and how many of its newest stand before the place."""

    selection: Selection
    offset: int


class _Steps(NamedTuple):
    """Some steps of time in a row, and what they hold."""

    oldest: int
    newest: int
    newer_calls: int
    """Those of later steps."""
    calls: int


def place_of(reader: Reader, selection: Selection, offset: int, limit: int) -> Place | None:
    """Where `limit` calls after the `offset` newest are, or the first of them; None where there are none so far back.

    Calls may be crowded, as where the clock of one was wrong by years: a step that holds too many is cut again.
    """
    while (first := _first_start(reader, selection)) is not None:
        first_unix_ns, step_ns = first
        steps = _reached(_counts(reader, selection, first_unix_ns, step_ns), offset, limit)
        if steps is None:
            return None
        since_unix_ns = first_unix_ns + steps.oldest * step_ns
        selection = _within(selection, since_unix_ns, since_unix_ns + (steps.newest - steps.oldest + 1) * step_ns)
        offset -= steps.newer_calls
        if steps.calls <= FEW or step_ns == 1:
            return Place(selection, offset)
    return None


def _first_start(reader: Reader, selection: Selection) -> tuple[int, int] | None:
    """When the first call of that time started, and how long a step is. Other conditions would take longer."""
    time = Selection(since_unix_ns=selection.since_unix_ns, until_unix_ns=selection.until_unix_ns)
    (row,) = reader.ask("call_times", None, time)
    first_unix_ns, last_unix_ns = integer_or_none(row, "first_unix_ns"), integer_or_none(row, "last_unix_ns")
    if first_unix_ns is None or last_unix_ns is None:
        return None
    return first_unix_ns, (last_unix_ns - first_unix_ns) // STEPS + 1


def _counts(reader: Reader, selection: Selection, first_unix_ns: int, step_ns: int) -> Mapping[int, int]:
    rows = reader.ask("call_density", {"origin_unix_ns": first_unix_ns, "step_ns": step_ns}, selection)
    return {integer(row, "step"): integer(row, "calls") for row in rows}


def _reached(counts: Mapping[int, int], offset: int, limit: int) -> _Steps | None:
    """As many steps as the calls are in, but from the second one on no more than hold few."""
    newer_calls = 0
    found: _Steps | None = None
    for step in sorted(counts, reverse=True):
        calls = counts[step]
        if found is None:
            if newer_calls + calls > offset:
                found = _Steps(step, step, newer_calls, calls)
            newer_calls += calls
        elif found.newer_calls + found.calls >= offset + limit or found.calls + calls > FEW:
            break
        else:
            found = found._replace(oldest=step, calls=found.calls + calls)
    return found


def _within(selection: Selection, since_unix_ns: int, until_unix_ns: int) -> Selection:
    until = selection.until_unix_ns
    return replace(
        selection,
        since_unix_ns=since_unix_ns,
        until_unix_ns=until_unix_ns if until is None else min(until, until_unix_ns),
    )
