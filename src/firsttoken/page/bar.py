"""The bar of one call in the list, split at the first token. It is drawn in milliseconds, so that rows compare."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.answers import CallRow
from firsttoken.call import Call
from firsttoken.page import figures

FAR_BEYOND: Final = 3.0
ROUND_FIGURES: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """Waiting, then generating. A whole answer has one part, because nobody saw its first token."""

    waiting_ms: float
    generating_ms: float
    whole_ms: float
    words: str

    @property
    def total_ms(self) -> float:
        return self.waiting_ms + self.generating_ms + self.whole_ms


def bar(call: Call) -> Bar:
    """Marks that contradict each other are drawn inside the call's duration."""
    total_ns = max(call.timing.duration_ns, 0)
    if not call.request.stream:
        return Bar(0.0, 0.0, _ms(total_ns), f"{figures.duration_ns(total_ns)} for the whole answer")
    mark_ns = call.timing.first_mark_ns
    if mark_ns is None:
        return Bar(_ms(total_ns), 0.0, 0.0, f"{figures.duration_ns(total_ns)} waiting, no first token")
    waiting_ns = min(max(mark_ns, 0), total_ns)
    generating_ns = total_ns - waiting_ns
    words = f"{figures.duration_ns(waiting_ns)} waiting, {figures.duration_ns(generating_ns)} generating"
    return Bar(_ms(waiting_ns), _ms(generating_ns), 0.0, words)


def scale_ms(rows: Iterable[CallRow]) -> float:
    """The width that all bars in view share: a round figure above the longest call.

    A few calls that are much longer than the others would leave nothing to see of those: they reach past the scale.
    """
    totals = sorted(bar(row.call).total_ms for row in rows)
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
