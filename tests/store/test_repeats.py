"""What is new for certain, and when nothing is."""

from __future__ import annotations

import pytest

from firsttoken.store.recent import Recent

LATER = range(100, 110)


def test_rows_are_new_once() -> None:
    recent = Recent(None)
    assert recent.are_new([("trace", "a"), ("trace", "b")], 100, 101)
    assert recent.are_new([("trace", "c")], 102, 102)
    assert not recent.are_new([("trace", "d"), ("trace", "b")], 100, 103)


def test_two_rows_of_one_key_are_not_new() -> None:
    assert not Recent(None).are_new([("trace", "a"), ("trace", "b"), ("trace", "a")], 100, 102)


@pytest.mark.parametrize(("began", "new"), [(99, False), (100, False), (101, True)])
def test_nothing_is_certain_of_the_time_before_there_was_a_memory(began: int, new: bool) -> None:
    assert Recent(100).are_new([("trace", "a")], began, 200) is new


def test_what_is_forgotten_is_new_no_more() -> None:
    recent = Recent(None, marked=2)
    keys = {at: ("trace", str(at)) for at in LATER}
    assert all(recent.are_new([keys[at]], at, at) for at in LATER)
    assert not any(recent.are_new([keys[at]], at, at) for at in LATER)


def test_what_is_forgotten_makes_nothing_before_it_new() -> None:
    recent = Recent(None, marked=1)
    for at in LATER:
        recent.are_new([("trace", str(at))], at, at)
    assert not recent.are_new([("trace", "late")], LATER[0], LATER[-1])
    assert recent.are_new([("trace", "new")], LATER[-1] + 1, LATER[-1] + 1)
