"""A clock moves when it is told to."""

from __future__ import annotations

import threading

import pytest

from firsttoken.testing import FakeClock


def test_a_clock_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock(start_ns=5)
    assert [clock(), clock(), clock.advance(3), clock()] == [5, 5, 8, 8]


def test_a_clock_never_goes_back() -> None:
    clock = FakeClock()
    with pytest.raises(ValueError, match="a monotonic clock cannot go back by 1 ns"):
        clock.advance(-1)
    assert clock() == 0


def test_no_step_is_lost_when_many_threads_advance_it() -> None:
    clock = FakeClock()
    threads = [threading.Thread(target=lambda: [clock.advance(1) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock() == 4_000
