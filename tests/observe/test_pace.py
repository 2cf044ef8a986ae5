"""The pace of a stream, from the marks taken for its chunks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firsttoken.observe.pace import Pace

STEPS = st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)), max_size=30)
"""For each chunk: how long the caller did not ask for it, and how long it then waited."""


def pace_of(handed: int, marks: list[int]) -> tuple[Pace, list[int]]:
    pace = Pace()
    pace.handed = handed
    return pace, pace.take(marks)


def told(pace: Pace) -> tuple[int, ...]:
    return pace.chunks, pace.first, pace.last, pace.handed, pace.consumer_wait, pace.largest_gap


def test_a_stream_without_chunks_has_no_pace() -> None:
    pace, gaps = pace_of(100, [])
    assert told(pace) == (0, 0, 0, 100, 0, 0)
    assert gaps == []


def test_the_first_chunk_ends_no_gap() -> None:
    pace, gaps = pace_of(100, [110, 150])
    assert told(pace) == (1, 150, 150, 150, 10, 0)
    assert gaps == []


def test_a_gap_is_all_the_time_between_two_chunks_and_the_largest_is_without_the_callers_own() -> None:
    pace, gaps = pace_of(100, [110, 150, 190, 200, 205, 235])
    assert told(pace) == (3, 150, 235, 235, 10 + 40 + 5, 30)
    assert gaps == [50, 35]


def test_a_mark_without_its_other_half_waits_for_nobody() -> None:
    pace, gaps = pace_of(100, [110, 150, 190])
    assert told(pace) == (1, 150, 150, 150, 10, 0)
    assert gaps == []


@given(start=st.integers(1, 10**12), steps=STEPS, cut=st.integers(0, 30))
def test_marks_taken_in_two_parts_say_the_same_as_taken_at_once(
    start: int, steps: list[tuple[int, int]], cut: int
) -> None:
    marks: list[int] = []
    now = start
    for idle, wait in steps:
        marks += [now + idle, now + idle + wait]
        now = marks[-1]
    whole, gaps = pace_of(start, marks)
    pace, first = pace_of(start, marks[: 2 * cut])
    second = pace.take(marks[2 * cut :])
    assert told(whole) == told(pace)
    assert gaps == first + second
    assert gaps == [later - earlier for earlier, later in pairwise(marks[1::2])]
    assert whole.consumer_wait == sum(idle for idle, _ in steps)
    assert whole.largest_gap == max((wait for _, wait in steps[1:]), default=0)
