"""One thread does what the callers hand over, in order; nobody waits for it who does not ask to."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from functools import partial

import pytest
from patience import is_done_within

from firsttoken.export import outbox as module
from firsttoken.export.outbox import Outbox


class Held:
    """An action that does not end before it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        self.go.wait(30)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


def test_actions_are_done_in_order_on_one_thread(outbox: Outbox) -> None:
    done: list[tuple[int, threading.Thread]] = []
    for number in range(100):
        outbox.put(lambda number=number: done.append((number, threading.current_thread())))
    assert outbox.run(lambda: len(done), 30) == 100
    assert [number for number, _ in done] == list(range(100))
    assert {thread.name for _, thread in done} == {"firsttoken-outbox"}


def test_nothing_runs_before_it_is_ready(outbox: Outbox) -> None:
    done: list[int] = []
    outbox.put(lambda: done.append(1))
    assert (outbox.used, done) == (False, [])
    outbox.ready()
    outbox.run(lambda: None, 30)
    assert (outbox.used, done) == (True, [1])


def test_an_action_that_raises_does_not_stop_the_next(outbox: Outbox) -> None:
    outbox.put(lambda: 1 / 0)
    assert outbox.run(lambda: "done", 30) == "done"
    assert outbox.run(lambda: 1 / 0, 30) is None
    assert outbox.run(lambda: "done", 30) == "done"


@pytest.mark.parametrize("exit_", [SystemExit, KeyboardInterrupt])
def test_an_action_that_wants_to_end_its_thread_does_not_stop_the_next(
    exit_: type[BaseException], outbox: Outbox
) -> None:
    for _ in range(3):
        outbox.put(lambda: (_ for _ in ()).throw(exit_))
    assert outbox.run(lambda: "done", 30) == "done"


def test_whoever_waits_waits_no_longer_than_told(outbox: Outbox) -> None:
    held = Held()
    outbox.put(held)
    assert outbox.run(lambda: "late", 0.01) is None
    held.go.set()
    assert outbox.run(lambda: "in time", 30) == "in time"


def test_whoever_asks_on_the_thread_itself_is_not_left_waiting(outbox: Outbox) -> None:
    assert outbox.run(lambda: outbox.run(lambda: "inside", 30), 30) == "inside"


def test_what_is_too_much_is_dropped_and_its_sender_is_told(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 3)
    held, done = Held(), list[int]()
    outbox.put(held)
    outbox.ready()
    assert held.reached.wait(30)
    taken = [outbox.put(partial(done.append, number)) for number in range(5)]
    held.go.set()
    outbox.run(lambda: None, 30)
    assert (done, taken) == ([0, 1, 2], [True, True, True, False, False])


def test_a_finalizer_may_hand_over_while_something_is_handed_over(outbox: Outbox) -> None:
    """The collector may run anywhere, in the middle of `put` as well."""
    done: list[int] = []

    class Finalized:
        def __del__(self) -> None:
            outbox.put(lambda: done.append(1))

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(500):
            cycle = [Finalized()]
            cycle.append(cycle)  # type: ignore[arg-type]
            del cycle
            outbox.put(lambda: None)
        gc.collect()
    finally:
        gc.set_threshold(*before)
    outbox.run(lambda: None, 30)
    assert len(done) == 500


def test_what_was_done_is_let_go_at_once(outbox: Outbox) -> None:
    class Thing:
        def __call__(self) -> None:
            pass

    thing = Thing()
    gone = weakref.ref(thing)
    outbox.put(thing)
    del thing
    outbox.run(lambda: None, 30)
    assert gone() is None


def test_many_threads_may_hand_over_at_once(outbox: Outbox) -> None:
    done: list[int] = []

    def hand_over() -> None:
        for number in range(200):
            outbox.ready()
            outbox.put(partial(done.append, number))

    threads = [threading.Thread(target=hand_over) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.run(lambda: None, 30)
    assert len(done) == 8 * 200


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_waits_for_what_is_at_hand_but_only_once(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORK_PATIENCE_S", 0.2)
    held = Held()
    outbox.put(held)
    outbox.ready()
    assert held.reached.wait(30)
    first_s, soon_then = _fork(), is_done_within(0.2, _fork)
    held.go.set()
    assert outbox.run(lambda: "after", 30) == "after"
    assert first_s >= 0.2
    assert soon_then
    assert outbox.run(_fork, 30) is not None


def _fork() -> float:
    """How long a fork took."""
    started = time.perf_counter()
    if (child := os.fork()) == 0:
        os._exit(0)
    took = time.perf_counter() - started
    os.waitpid(child, 0)
    return took
