"""Which response an event on a WebSocket belongs to, and whose the time is that passes before it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final

import pytest

from firsttoken.call import Call, Outcome
from firsttoken.observe.recording import Recording
from firsttoken.observe.seam import Seam
from firsttoken.observe.websocket.idle import Idle
from firsttoken.observe.websocket.lanes import MOST_LANES, Lanes
from firsttoken.observe.websocket.talk import Talk
from firsttoken.observe.websocket.turn import Turn
from firsttoken.providers.sdk import OPENAI
from firsttoken.testing import FakeClock

Json = dict[str, Any]
ERROR: Final[Json] = {"type": "error", "error": {"code": "nope"}}
DELTA: Final[Json] = {"type": "response.output_text.delta", "delta": "x"}


def created(response_id: str | None, **more: Any) -> Json:
    return {"type": "response.created", "response": {"id": response_id, **more}}


def completed(response_id: str | None, **more: Any) -> Json:
    return {"type": "response.completed", "response": {"id": response_id, "status": "completed"}, **more}


def no_successor(previous: Turn) -> Turn:
    raise AssertionError("nothing follows here")


def in_lanes(*stream_ids: str | None) -> tuple[Lanes, list[Turn]]:
    lanes, turns = Lanes(no_successor), [Turn() for _ in stream_ids]
    for stream_id, turn in zip(stream_ids, turns, strict=True):
        lanes.ask(stream_id, turn)
    return lanes, turns


def test_responses_of_one_lane_begin_in_the_order_in_which_they_were_asked_for() -> None:
    lanes, (one, two) = in_lanes(None, None)
    said = [created("a"), DELTA, completed("a"), created("b"), DELTA, completed("b")]
    assert [lanes.turn_of(event) for event in said] == [one, one, one, two, two, two]
    assert list(lanes.open()) == []


def test_events_of_lanes_are_told_apart_by_their_stream_id() -> None:
    lanes, (one, two) = in_lanes("one", "two")
    said = [created("a"), created("b"), DELTA, DELTA]
    marked = [{**event, "stream_id": lane} for event, lane in zip(said, ("two", "one", "one", "two"), strict=True)]
    assert [lanes.turn_of(event) for event in marked] == [two, one, one, two]


def test_two_responses_that_run_at_once_in_one_lane_end_each_by_its_own_id() -> None:
    lanes, (one, two) = in_lanes(None, None)
    said = [created("a"), created("b"), completed("a"), completed("b")]
    assert [lanes.turn_of(event) for event in said] == [one, two, one, two]


def test_the_end_of_a_response_that_nobody_here_asked_for_is_not_the_end_of_another() -> None:
    lanes, (one,) = in_lanes(None)
    lanes.turn_of(created("a"))
    assert lanes.turn_of(completed("somebody else's")) is None
    assert list(lanes.open()) == [one]


def test_events_before_the_first_response_belong_to_none() -> None:
    lanes, (one,) = in_lanes(None)
    assert [lanes.turn_of(event) for event in (DELTA, completed("earlier"), {}, {"type": 7})] == [None] * 4
    assert list(lanes.open()) == [one]


@pytest.mark.parametrize(
    ("error", "refused"),
    [({**ERROR, "sequence_number": 3}, 0), (ERROR, 1)],
    ids=["numbered among its events", "not numbered"],
)
def test_an_error_ends_what_runs_if_it_is_numbered_and_else_refuses_what_waits(error: Json, refused: int) -> None:
    lanes, turns = in_lanes(None, None)
    lanes.turn_of(created("a"))
    assert lanes.turn_of(error) is turns[refused]
    assert list(lanes.open()) == [turns[1 - refused]]


def test_an_error_without_a_lane_belongs_to_the_only_lane_that_is_busy() -> None:
    lanes, (one,) = in_lanes("named")
    assert lanes.turn_of(ERROR) is one


def test_an_error_without_a_lane_belongs_to_nobody_while_two_are_busy() -> None:
    lanes, turns = in_lanes("one", "two")
    assert lanes.turn_of(ERROR) is None
    assert list(lanes.open()) == turns


def test_a_response_without_an_id_is_the_one_that_runs() -> None:
    lanes, (one,) = in_lanes(None)
    assert [lanes.turn_of(event) for event in (created(None), DELTA, completed("a"))] == [one] * 3
    assert list(lanes.open()) == []


def test_a_response_that_continues_the_last_one_unasked_has_a_turn_of_its_own() -> None:
    unasked = Turn()
    lanes, first, later = Lanes(lambda previous: unasked), Turn(), Turn()
    lanes.ask(None, first)
    lanes.turn_of(created("a"))
    lanes.turn_of(completed("a"))
    later.asked_after = None
    lanes.ask(None, later)
    assert lanes.turn_of(created("b", previous_response_id="a")) is unasked
    assert lanes.turn_of(completed("b")) is unasked
    assert lanes.turn_of(created("c")) is later


def test_a_request_that_continues_the_last_response_is_not_taken_for_one_unasked() -> None:
    lanes, first, later = Lanes(no_successor), Turn(), Turn()
    lanes.ask(None, first)
    lanes.turn_of(created("a"))
    lanes.turn_of(completed("a"))
    later.asked_after = "a"
    lanes.ask(None, later)
    assert lanes.turn_of(created("b", previous_response_id="a")) is later


def test_idle_lanes_beyond_a_number_are_forgotten_and_busy_ones_are_not() -> None:
    lanes, (busy,) = in_lanes("busy")
    for number in range(2 * MOST_LANES):
        lanes.ask(f"lane-{number}", Turn())
        lanes.turn_of({**created(f"r{number}"), "stream_id": f"lane-{number}"})
        lanes.turn_of({**completed(f"r{number}"), "stream_id": f"lane-{number}"})
    assert list(lanes.open()) == [busy]
    assert len(lanes._each()) <= MOST_LANES  # pyright: ignore[reportPrivateUsage]


def test_nobody_is_at_the_socket_only_while_neither_of_two_is() -> None:
    idle = Idle(0)
    idle.comes(10)
    idle.comes(20)
    idle.leaves(30)
    assert idle.until(40) == 10
    idle.leaves(50)
    assert idle.until(55) == 15
    idle.comes(60)
    assert idle.until(99) == 20


class Kept:
    """A sink that keeps recordings."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def started(self, recording: Recording) -> None: ...
    def gaps(self, recording: Recording) -> None: ...
    def finished(self, recording: Recording) -> None:
        self.calls.append(recording.call())


class Script:
    """A program at a socket, on a clock that moves only when it says so."""

    def __init__(self) -> None:
        self.kept, self.clock = Kept(), FakeClock(1_000)
        self.seam = Seam(OPENAI, self.kept, include_usage=True, clock=self.clock)
        self.talk = Talk(lambda: self.seam, SimpleNamespace(), self.clock)

    def ask(self, takes: int, **more: Any) -> None:
        with self.talk.sending(json.dumps({"type": "response.create", "model": "gpt-4o", **more})):
            self.clock.advance(takes)

    def hear(self, event: Json, waits: int) -> None:
        self.talk.wait()
        self.clock.advance(waits)
        self.talk.heard(json.dumps(event))

    @property
    def waits(self) -> list[tuple[int, int | None, int]]:
        """Of each call: the provider's time, the consumer's, and all of it."""
        timings = [call.timing for call in self.kept.calls]
        return [(timing.provider_wait_ns, timing.consumer_wait_ns, timing.duration_ns) for timing in timings]


def test_time_in_which_nobody_is_at_the_socket_is_the_consumers() -> None:
    script = Script()
    script.ask(takes=5)
    script.clock.advance(100)
    script.hear(created("a"), waits=30)
    script.clock.advance(200)
    script.hear(completed("a"), waits=7)
    assert script.waits == [(5 + 30 + 7, 300, 342)]
    timing = script.kept.calls[0].timing
    assert (timing.first_chunk_ns, timing.last_chunk_ns, timing.headers_ns) == (135, 342, None)


def test_waiting_for_the_events_of_another_lane_is_no_time_of_the_consumer() -> None:
    script = Script()
    script.ask(takes=1, stream_id="one")
    script.ask(takes=1, stream_id="two")
    script.hear({**created("a"), "stream_id": "one"}, waits=10)
    script.hear({**created("b"), "stream_id": "two"}, waits=10)
    script.clock.advance(50)
    script.hear({**completed("b"), "stream_id": "two"}, waits=10)
    script.hear({**completed("a"), "stream_id": "one"}, waits=10)
    assert script.waits == [(1 + 10 + 10 + 10, 50, 81), (2 + 10 + 10 + 10 + 10, 50, 92)]


def test_time_after_the_last_event_is_the_consumers_until_the_socket_is_closed() -> None:
    script = Script()
    script.ask(takes=5)
    script.hear(created("a"), waits=10)
    script.clock.advance(70)
    script.talk.close()
    assert script.waits == [(15, 70, 85)]


def test_a_wait_that_was_cancelled_and_never_taken_up_ends_the_call_when_it_was_cancelled() -> None:
    script = Script()
    script.ask(takes=5)
    script.hear(created("a"), waits=10)
    script.clock.advance(20)
    script.talk.wait()
    script.clock.advance(30)
    script.talk.failed(KeyboardInterrupt())
    script.clock.advance(1_000)
    script.talk.drop()
    assert [call.outcome for call in script.kept.calls] == [Outcome.CANCELLED]
    assert script.waits == [(5 + 10 + 30, 20, 65)]


def test_a_wait_that_was_cancelled_and_taken_up_again_says_nothing_of_the_end() -> None:
    script = Script()
    script.ask(takes=5)
    script.talk.wait()
    script.talk.failed(KeyboardInterrupt())
    script.hear(created("a"), waits=10)
    script.talk.drop()
    assert [call.outcome for call in script.kept.calls] == [Outcome.ABANDONED]


def test_a_request_that_could_not_be_sent_has_no_place_in_the_order() -> None:
    script = Script()
    lost = json.dumps({"type": "response.create", "model": "lost"})
    with pytest.raises(OSError, match="gone"), script.talk.sending(lost):
        raise OSError("gone")
    script.ask(takes=5)
    script.hear(created("a"), waits=10)
    script.hear(completed("a"), waits=10)
    assert [(call.request.model, call.outcome, call.response.id) for call in script.kept.calls] == [
        ("lost", Outcome.FAILED, None),
        ("gpt-4o", Outcome.COMPLETED, "a"),
    ]
