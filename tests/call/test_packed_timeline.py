"""A timeline packed is the timeline unpacked, and nothing that is damaged becomes one."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call.packed_timeline import (
    MOST_CHUNKS,
    PackedTimeline,
    packed,
    packed_long,
    unpacked,
    words_of,
)
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline

UNIT = 256
STEPS = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), min_size=1, max_size=40)
ANY_STEPS = st.lists(st.tuples(st.integers(-5, 10**13), st.integers(-5, 10**13)), min_size=1, max_size=40)


def flat(steps: list[tuple[int, int]]) -> list[int]:
    return [step for pair in steps for step in pair]


def test_a_step_of_so_many_units_took_half_a_unit_longer() -> None:
    timeline = packed(words_of([3 * UNIT, 7 * UNIT, UNIT + 255, 29 * UNIT + 1]), [(1, TEXT)])
    assert (timeline.count, timeline.unit_ns) == (2, UNIT)
    waited = (7 * UNIT + UNIT // 2, 29 * UNIT + UNIT // 2)
    assert unpacked(timeline) == Timeline((11 * UNIT, 42 * UNIT), waited, (NOTHING, TEXT))


def is_told(steps: list[tuple[int, int]], timeline: PackedTimeline) -> None:
    found, unit, now = unpacked(timeline), timeline.unit_ns, 0
    assert found is not None
    for index, (own, waited) in enumerate(steps):
        now += max(own, 0) + max(waited, 0)
        assert abs(found.arrived_ns[index] - now) <= (index + 1) * unit
        assert abs(found.waited_ns[index] - max(waited, 0)) <= unit
    assert list(found.arrived_ns) == sorted(found.arrived_ns)


@given(steps=STEPS)
def test_what_is_packed_comes_out_again(steps: list[tuple[int, int]]) -> None:
    is_told(steps, packed(words_of(flat(steps)), []))


@given(steps=ANY_STEPS)
def test_steps_of_any_length_come_out_again_and_a_clock_that_runs_backwards_stands_still(
    steps: list[tuple[int, int]],
) -> None:
    is_told(steps, packed_long(flat(steps), []))


@given(steps=STEPS)
def test_steps_that_are_short_are_packed_the_same_either_way(steps: list[tuple[int, int]]) -> None:
    assert packed(words_of(flat(steps)), [(0, TEXT)]) == packed_long(flat(steps), [(0, TEXT)])


@given(turns=st.lists(st.integers(0, 3), min_size=1, max_size=9), more=st.integers(0, 5), lengths=st.booleans())
def test_contents_and_lengths_come_out_as_they_were(turns: list[int], more: int, lengths: bool) -> None:
    count = len(turns) + more
    told = [7 * each for each in range(count)] if lengths else None
    found = unpacked(packed(words_of([1] * 2 * count), list(enumerate(turns)), told))
    assert found is not None
    assert found.contents == (*turns, *[turns[-1]] * more)
    assert found.lengths == (None if told is None else tuple(told))


def test_a_stream_of_a_hundred_thousand_chunks_is_small() -> None:
    steps = [(9_000 + 37 * each % 4_000, 15_000_000 + 7_919 * each % 9_000_000) for each in range(100_000)]
    timeline = packed(words_of(flat(steps)), [(1, TEXT)])
    assert len(timeline.data) < 600_000
    is_told(steps[:1], timeline)


GOOD = packed(words_of([10_000, 20_000_000] * 30), [(1, REASONING), (9, TOOL_CALL)])


def reading(raw: bytes, count: int = 1) -> PackedTimeline:
    return PackedTimeline(count, UNIT, base64.b64encode(zlib.compress(raw)).decode())


DAMAGED = {
    "no base64": replace(GOOD, data="?" + GOOD.data[1:]),
    "no ASCII": replace(GOOD, data="ü" * 40),
    "no deflate": replace(GOOD, data=base64.b64encode(b"nothing packed").decode()),
    "nothing": replace(GOOD, data=""),
    "cut": replace(GOOD, data=GOOD.data[: len(GOOD.data) // 8 * 4]),
    "more behind it": replace(GOOD, data=base64.b64encode(base64.b64decode(GOOD.data) + b"more").decode()),
    "a byte turned": replace(GOOD, data=base64.b64encode(base64.b64decode(GOOD.data)[:-1] + b"\0").decode()),
    "too few": replace(GOOD, count=GOOD.count + 1),
    "too many": replace(GOOD, count=GOOD.count - 1),
    "no chunk": replace(GOOD, count=0),
    "a negative number of chunks": replace(GOOD, count=-1),
    "more chunks than a timeline has": replace(GOOD, count=MOST_CHUNKS + 1),
    "a number of chunks beyond all": replace(GOOD, count=10**30),
    "no unit": replace(GOOD, unit_ns=0),
    "a negative unit": replace(GOOD, unit_ns=-UNIT),
    "a unit beyond all": replace(GOOD, unit_ns=2**62),
    "another encoding": replace(GOOD, encoding="planes-deflate/2"),
    "a bomb": reading(b"\0" * 50_000_000),
    "a bomb for its count": reading(b"\0" * 50_000_000, MOST_CHUNKS),
    "unknown contents": reading(b"\0" * 8 + b"\4"),
    "a time beyond all": replace(reading(b"\xff" * 8 * 2**10 + b"\0" * 2**10, 2**10), unit_ns=2**40),
}


@pytest.mark.parametrize("timeline", DAMAGED.values(), ids=list(DAMAGED))
def test_what_is_damaged_is_no_timeline(timeline: PackedTimeline) -> None:
    assert unpacked(GOOD) is not None
    assert unpacked(timeline) is None


@given(data=st.text(max_size=60), raw=st.binary(max_size=60), count=st.integers(-2, 10))
def test_no_text_raises(data: str, raw: bytes, count: int) -> None:
    unpacked(PackedTimeline(count, UNIT, data))
    unpacked(reading(raw, count))
