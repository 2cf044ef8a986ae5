"""How much of a stream came in each stretch of its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from firsttoken.call.timeline import NOTHING, Timeline

MOST_ROWS: Final = 60
S: Final = 1_000_000_000
STEPS_NS: Final = tuple(
    int(step * S) for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600)
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One of them. Nanoseconds after the start of the call."""

    started_ns: int
    ended_ns: int
    chunks: int
    characters: int | None
    """None where the lengths of chunks are not known."""
    longest_wait_ns: int

    @property
    def chunks_per_s(self) -> float:
        return self.chunks * S / (self.ended_ns - self.started_ns)


def rates(timeline: Timeline) -> tuple[Stretch, ...]:
    """Of chunks with content, by stretches of one round length; stretches in which nothing came stand there too."""
    arrived = timeline.arrived_ns
    if not arrived:
        return ()
    first_ns, last_ns = max(arrived[0], 0), max(arrived[-1], 0)
    step_ns = next((step for step in STEPS_NS if last_ns // step - first_ns // step < MOST_ROWS), STEPS_NS[-1])
    return tuple(_stretches(timeline, first_ns // step_ns, last_ns // step_ns, step_ns))


def _stretches(timeline: Timeline, first: int, last: int, step_ns: int) -> Iterator[Stretch]:
    chunks = range(len(timeline.arrived_ns))
    by_stretch = {
        number: list(found) for number, found in groupby(chunks, lambda at: max(timeline.arrived_ns[at], 0) // step_ns)
    }
    for number in range(first, min(last, first + MOST_ROWS - 1) + 1):
        found = by_stretch.get(number, [])
        yield Stretch(
            number * step_ns,
            (number + 1) * step_ns,
            sum(timeline.contents[at] != NOTHING for at in found),
            None if timeline.lengths is None else sum(timeline.lengths[at] for at in found),
            max((timeline.waited_ns[at] for at in found), default=0),
        )
