"""Where a span stands in its trace: what it is inside of, what is beside it, and what is directly below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.columns import integer
from firsttoken.analyse.trace_tree import Tree
from firsttoken.analyse.tracing import TraceNode, node_of, tree_of
from firsttoken.store import Warehouse

MOST_ABOVE: Final = 12
MOST_BESIDE: Final = 5
"""On either side."""
MOST_BELOW: Final = 10
MOST_SPANS: Final = 20_000
"""Of a trace. What is around a span of a larger one would take longer to find than the page of a call may take."""


@dataclass(frozen=True, slots=True)
class TracePlace:
    """Some nodes of a trace, in the order of its tree."""

    trace_id: str
    span_id: str
    started_unix_ns: int
    duration_ns: int
    """Of the whole trace, as its start is."""
    spans: int
    """Of the whole trace."""
    nodes: tuple[TraceNode, ...]
    """None at all where the trace is too large."""
    left_out: int
    """How many more are above it, beside it or directly below it."""


def place_of(warehouse: Warehouse, trace_id: str, span_id: str) -> TracePlace | None:
    """None where the trace has no such span. Raises StoreError."""
    with warehouse.read() as reader:
        (sizes,) = reader.ask("trace_sizes", {"trace_id": trace_id})
        spans = integer(sizes, "calls") + integer(sizes, "others")
        if spans > MOST_SPANS:
            return TracePlace(trace_id, span_id, 0, 0, spans, (), 0)
        tree = tree_of(reader, trace_id)
    number = tree.number_of(span_id)
    if number is None:
        return None
    above, beside, below = list(_above(tree, number))[::-1], _beside(tree, number), tree.children[number]
    shown_above = above[-MOST_ABOVE:]
    place = beside.index(number)
    shown_beside = beside[max(0, place - MOST_BESIDE) : place + MOST_BESIDE + 1]
    chosen = {*shown_above, *shown_beside, *below[:MOST_BELOW]}
    started = min(tree.begins[root] for root in tree.roots)
    return TracePlace(
        trace_id=trace_id,
        span_id=span_id,
        started_unix_ns=started,
        duration_ns=max(tree.ends[root] for root in tree.roots) - started,
        spans=len(tree.pieces),
        nodes=tuple(
            node_of(tree, each, depth, 0, chosen) for each, depth in _in_order(number, shown_above, shown_beside, below)
        ),
        left_out=len(above) + len(beside) + len(below) - len(chosen),
    )


def _above(tree: Tree, number: int) -> Iterator[int]:
    """The nearest first."""
    parent = tree.parent_of(number)
    while parent is not None:
        yield parent
        parent = tree.parent_of(parent)


def _beside(tree: Tree, number: int) -> list[int]:
    """It and its siblings. A root has none: what else is in the trace is no part of it."""
    parent = tree.parent_of(number)
    return [number] if parent is None else tree.children[parent]


def _in_order(number: int, above: list[int], beside: list[int], below: list[int]) -> Iterator[tuple[int, int]]:
    """With how deep each lies."""
    for depth, each in enumerate(above):
        yield each, depth
    for each in beside:
        yield each, len(above)
        if each == number:
            for child in below[:MOST_BELOW]:
                yield child, len(above) + 1
