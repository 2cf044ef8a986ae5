"""Spans as bars on the time of their trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.trace_place import TracePlace
from firsttoken.analyse.trace_tree import Branch
from firsttoken.analyse.tracing import Trace, TraceNode
from firsttoken.page import figures

WIDTH: Final = 1000.0
"""Of the whole trace, in the units of a bar."""
NARROWEST: Final = 3.0
"""What is shorter is still seen."""
TICKS: Final = 4
DEEPEST_LEVEL: Final = 24
"""Deeper spans are indented no further, and say how deep they are."""
KIND_WORDS: Final = {
    "call": "call",
    "record": "record of a call",
    "agent": "agent",
    "workflow": "workflow",
    "step": "step",
    "tool": "tool",
    "http": "HTTP",
    "other": "other",
}


@dataclass(frozen=True, slots=True)
class SpanBar:
    """Where it begins, and how long its parts are. What is no streamed call is in one part."""

    begin: float
    waiting: float
    generating: float
    whole: float
    words: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The time of a trace, from its first start to its last end."""

    started_unix_ns: int
    duration_ns: int

    def ticks(self) -> list[str]:
        return [figures.lasting_ns(self.duration_ns * number // TICKS) for number in range(TICKS + 1)]

    def bar(self, node: TraceNode) -> SpanBar:
        """Marks that contradict each other are drawn inside the span, and a span inside the trace."""
        unit = WIDTH / max(self.duration_ns, 1)
        begin = min(max((node.started_unix_ns - self.started_unix_ns) * unit, 0.0), WIDTH - NARROWEST)
        length = min(max(node.duration_ns * unit, NARROWEST), WIDTH - begin)
        after = figures.lasting_ns(node.started_unix_ns - self.started_unix_ns)
        words = f"from {after}, {figures.lasting_ns(node.duration_ns)}"
        if node.call is None or not node.call.stream:
            return SpanBar(round(begin, 2), 0.0, 0.0, round(length, 2), words)
        mark_ns = node.call.first_mark_ns
        share = 1.0 if mark_ns is None or node.duration_ns <= 0 else min(max(mark_ns / node.duration_ns, 0.0), 1.0)
        if mark_ns is not None:
            words = f"{words}, {figures.lasting_ns(mark_ns)} of it waiting"
        return SpanBar(round(begin, 2), round(length * share, 2), round(length * (1 - share), 2), 0.0, words)


def axis_of(trace: Trace | TracePlace) -> Axis:
    return Axis(trace.started_unix_ns, trace.duration_ns)


def branch_tokens(branch: Branch, tokens: int) -> str:
    """Unknown where no call told any, and nothing where there is no call."""
    if not branch.calls:
        return ""
    return figures.count(tokens if branch.calls_with_usage else None)
