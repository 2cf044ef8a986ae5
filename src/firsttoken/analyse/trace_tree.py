"""Spans of one trace as a tree, with sums for each branch: rules over values, nothing of a database.

Spans come from anywhere: parents may be missing, lead in a circle or be as deep as there are spans, and ids may repeat.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from firsttoken.call import Outcome

Kind = Literal["call", "record", "agent", "workflow", "step", "tool", "http", "other"]
Place = Literal["root", "child", "orphan", "circle"]
ERRORS: Final = frozenset(outcome.value for outcome in Outcome if outcome.is_error)


@dataclass(frozen=True, slots=True)
class TracedCall:
    """A call, as far as a tree shows it."""

    provider: str
    model: str | None
    """The one asked for, or the one that answered where none was."""
    operation: str
    stream: bool
    outcome: str
    first_token_ns: int | None
    first_mark_ns: int | None
    """The first token, or the first chunk where no token was seen: after the start."""
    input_tokens: int | None
    output_tokens: int | None
    without_usage: bool
    """Whether its tokens are unknown although it has used some."""
    cost: Decimal | None
    currency: str | None
    unpriced: bool
    """Whether its cost is unknown although there is one."""
    seen_by: tuple[str, ...]
    """Every instrumentation that recorded it: it is counted once."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One span as it was stored."""

    span_id: str
    parent_span_id: str | None
    name: str
    kind: Kind
    """`record` is another instrumentation's record of a call."""
    service: str
    scope: str
    started_unix_ns: int
    ended_unix_ns: int
    is_error: bool
    call: TracedCall | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A span and all below it, summed up. Every call counts once, whoever else recorded it."""

    spans: int = 0
    calls: int = 0
    errors: int = 0
    """Calls that failed or timed out, and other spans that say they failed."""
    input_tokens: int = 0
    """Sum over the calls that reported usage."""
    output_tokens: int = 0
    calls_with_usage: int = 0
    calls_without_usage: int = 0
    """Calls that used tokens and did not tell how many. One that was refused used none."""
    cost: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """By currency, of the calls that have a price."""
    unpriced_calls: int = 0


ALONE: Final = Branch(spans=1)
"""What most spans add: nothing but themselves."""


def together(branches: Iterable[Branch]) -> Branch:
    """Some branches of one tree, none of which is inside another one."""
    every = list(branches)
    cost: dict[str, Decimal] = {}
    for branch in every:
        for currency, amount in branch.cost.items():
            cost[currency] = cost.get(currency, Decimal(0)) + amount
    return Branch(
        spans=sum(branch.spans for branch in every),
        calls=sum(branch.calls for branch in every),
        errors=sum(branch.errors for branch in every),
        input_tokens=sum(branch.input_tokens for branch in every),
        output_tokens=sum(branch.output_tokens for branch in every),
        calls_with_usage=sum(branch.calls_with_usage for branch in every),
        calls_without_usage=sum(branch.calls_without_usage for branch in every),
        cost=cost,
        unpriced_calls=sum(branch.unpriced_calls for branch in every),
    )


class Tree:
    """Every span once, each below its parent. Spans are known by their number, in the order of their start."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        """Of two spans with one id the first in time is the span."""
        by_id: dict[str, Piece] = {}
        for piece in sorted(pieces, key=lambda piece: (piece.started_unix_ns, piece.span_id)):
            by_id.setdefault(piece.span_id, piece)
        self.pieces = list(by_id.values())
        self.repeated = len(pieces) - len(self.pieces)
        self._number = {piece.span_id: number for number, piece in enumerate(self.pieces)}
        self.children: list[list[int]] = [[] for _ in self.pieces]
        self.roots: list[int] = []
        self.places: list[Place] = ["child"] * len(self.pieces)
        self.order = self._grown()
        """Each after its parent."""
        self.branches, self.begins, self.ends = self._summed()

    def number_of(self, span_id: str) -> int | None:
        return self._number.get(span_id)

    def parent_of(self, number: int) -> int | None:
        """None for a root."""
        if self.places[number] != "child":
            return None
        return self._number[self.pieces[number].parent_span_id or ""]

    def weight(self, number: int) -> tuple[bool, int]:
        """How large a branch is: one with calls before any other, then by how long it took from end to end."""
        return self.branches[number].calls > 0, self.ends[number] - self.begins[number]

    def largest(self, most: int, roots: Sequence[int]) -> set[int]:
        """At most so many spans, each with all above it: those of the largest branches."""

        def entry(number: int) -> tuple[bool, int, int]:
            has_calls, length = self.weight(number)
            return not has_calls, -length, number

        waiting = [entry(number) for number in roots]
        heapq.heapify(waiting)
        chosen: set[int] = set()
        while waiting and len(chosen) < most:
            number = heapq.heappop(waiting)[-1]
            chosen.add(number)
            for child in self.children[number]:
                heapq.heappush(waiting, entry(child))
        return chosen

    def walk(self, roots: Sequence[int], wanted: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
        """The wanted spans and how deep they lie, each after its parent and siblings by their start."""
        waiting = [(number, 0) for number in reversed(roots)]
        while waiting:
            number, depth = waiting.pop()
            if wanted(number):
                yield number, depth
                waiting += [(child, depth + 1) for child in reversed(self.children[number])]

    def _grown(self) -> list[int]:
        for number, piece in enumerate(self.pieces):
            parent = self._number.get(piece.parent_span_id or "")
            if parent is None:
                self.places[number] = "orphan" if piece.parent_span_id else "root"
                self.roots.append(number)
            else:
                self.children[parent].append(number)
        order = list(self._below(self.roots))
        if len(order) < len(self.pieces):
            self._break_circles(set(order))
            order = list(self._below(self.roots))
        return order

    def _break_circles(self, reached: set[int]) -> None:
        """Spans that no root leads to: the first of each circle becomes one."""
        for number in range(len(self.pieces)):
            if number in reached:
                continue
            first = self._first_of_circle(number)
            self.children[self._number[self.pieces[first].parent_span_id or ""]].remove(first)
            self.places[first] = "circle"
            self.roots.append(first)
            reached.update(self._below([first]))
        self.roots.sort()

    def _first_of_circle(self, number: int) -> int:
        """Of the circle that the parents of a span lead into."""
        seen: dict[int, None] = {}
        while number not in seen:
            seen[number] = None
            number = self._number[self.pieces[number].parent_span_id or ""]
        path = list(seen)
        return min(path[path.index(number) :])

    def _below(self, roots: Sequence[int]) -> Iterator[int]:
        """These and all below them, each after its parent."""
        waiting = list(reversed(roots))
        while waiting:
            number = waiting.pop()
            yield number
            waiting += self.children[number]

    def _summed(self) -> tuple[list[Branch], list[int], list[int]]:
        """For each branch its sums, its first start and its last end."""
        branches = [_own(piece) for piece in self.pieces]
        begins = [piece.started_unix_ns for piece in self.pieces]
        ends = [max(piece.started_unix_ns, piece.ended_unix_ns) for piece in self.pieces]
        for number in reversed(self.order):
            if self.children[number]:
                below = (branches[child] for child in self.children[number])
                branches[number] = together([branches[number], *below])
            for child in self.children[number]:
                begins[number] = min(begins[number], begins[child])
                ends[number] = max(ends[number], ends[child])
        return branches, begins, ends


def _own(piece: Piece) -> Branch:
    """What a span adds to the sums."""
    call = piece.call
    if call is None:
        return Branch(spans=1, errors=1) if piece.is_error and piece.kind != "record" else ALONE
    return Branch(
        spans=1,
        calls=1,
        errors=int(piece.is_error),
        input_tokens=call.input_tokens or 0,
        output_tokens=call.output_tokens or 0,
        calls_with_usage=int(call.input_tokens is not None or call.output_tokens is not None),
        calls_without_usage=int(call.without_usage),
        cost={} if call.cost is None or call.currency is None else {call.currency: call.cost},
        unpriced_calls=int(call.unpriced),
    )
