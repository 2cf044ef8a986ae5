"""The bar of one call in the list: where its time went. It is drawn in milliseconds, so that rows compare."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.answers import CallRow
from firsttoken.analyse.running import RunningCall
from firsttoken.call import Call, Timing
from firsttoken.page import figures

FAR_BEYOND: Final = 3.0
ROUND_FIGURES: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts of one call, one after the other; a whole answer has one part, because nobody saw its first token."""

    waiting_ms: float = 0.0
    """Until the first event of any kind."""
    first_ms: float = 0.0
    """From there until the first token."""
    generating_ms: float = 0.0
    whole_ms: float = 0.0
    stalled_from_ms: float = 0.0
    stalled_ms: float = 0.0
    """Of the time above, what the stream stood still in all: drawn where the first stall began."""
    words: str = ""

    @property
    def total_ms(self) -> float:
        return self.waiting_ms + self.first_ms + self.generating_ms + self.whole_ms


def bar(call: Call) -> Bar:
    """Marks that contradict each other are drawn inside the call's duration."""
    timing = call.timing
    total_ns = max(timing.duration_ns, 0)
    if not call.request.stream:
        return Bar(whole_ms=_ms(total_ns), words=f"{figures.duration_ns(total_ns)} for the whole answer")
    if timing.first_mark_ns is None:
        return Bar(_ms(total_ns), words=f"{figures.duration_ns(total_ns)} waiting, no first token")
    token_ns = _within(timing.first_mark_ns, total_ns)
    event_ns = token_ns if timing.first_chunk_ns is None else _within(timing.first_chunk_ns, token_ns)
    stalled_from_ns, stalled_ns = _stalled(timing, total_ns)
    return Bar(
        waiting_ms=_ms(event_ns),
        first_ms=_ms(token_ns - event_ns),
        generating_ms=_ms(total_ns - token_ns),
        stalled_from_ms=_ms(stalled_from_ns),
        stalled_ms=_ms(stalled_ns),
        words=_words(event_ns, token_ns, total_ns, stalled_ns),
    )


def _stalled(timing: Timing, total_ns: int) -> tuple[int, int]:
    if not timing.stall_count or timing.stalled_ns is None or timing.first_stall_ns is None:
        return 0, 0
    began_ns = _within(timing.first_stall_ns, total_ns)
    return began_ns, _within(timing.stalled_ns, total_ns - began_ns)


def _words(event_ns: int, token_ns: int, total_ns: int, stalled_ns: int) -> str:
    parts = {
        "waiting": event_ns,
        "to the first token": token_ns - event_ns,
        "generating": total_ns - token_ns,
        "of it stalled": stalled_ns,
    }
    return ", ".join(f"{figures.duration_ns(ns)} {name}" for name, ns in parts.items() if ns or name == "generating")


def _within(value_ns: int, longest_ns: int) -> int:
    return min(max(value_ns, 0), longest_ns)


def scale_ms(rows: Iterable[CallRow], running: Iterable[RunningCall] = (), now_unix_ns: int = 0) -> float:
    """The width that the bars of all calls in view share. Where none has ended, those that run have room to go on."""
    ended = [bar(row.call).total_ms for row in rows]
    return common_scale(ended or [2 * _ms(now_unix_ns - call.started_unix_ns) for call in running])


def common_scale(lengths: Iterable[float]) -> float:
    """A round figure above the longest.

    A few that are much longer than the others would leave nothing to see of those: they reach past the scale.
    """
    totals = sorted(lengths)
    if not totals:
        return 1.0
    usual = totals[(len(totals) - 1) * 9 // 10]
    return _round_up(totals[-1] if totals[-1] <= FAR_BEYOND * usual else 2 * usual)


def _round_up(value: float) -> float:
    if value <= 1.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(round(step * power, 6) for step in ROUND_FIGURES if step * power >= value)


def _ms(value_ns: int) -> float:
    return round(value_ns / 1e6, 3)
