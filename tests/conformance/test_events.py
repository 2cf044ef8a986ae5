"""The log events of a call, by the GenAI conventions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.conftest import Seen
from conformance.conventions import EVENTS, is_of, missing, span_levels, type_of, uncalled_for
from conformance.plays import PLAYS, Play

See = Callable[[Play], Seen]
EVERY_PLAY = pytest.mark.parametrize("play", PLAYS, ids=str)
DETAILS = "gen_ai.client.inference.operation.details"
EXCEPTION = "gen_ai.client.operation.exception"


@EVERY_PLAY
def test_a_call_has_its_details_and_one_that_failed_its_exception(see: See, play: Play) -> None:
    names = [log["event_name"] for log in see(play).logs]
    assert [DETAILS, EXCEPTION][: 1 + play.fails] == names


@EVERY_PLAY
def test_severity_is_as_defined_and_there_is_no_body(see: See, play: Play) -> None:
    for log in see(play).logs:
        about = EVENTS[str(log["event_name"])]
        assert (about["severity"].partition("(")[0], about["body"]) == (log["severity"], log["body"])


@EVERY_PLAY
def test_every_event_belongs_to_the_span(see: See, play: Play) -> None:
    seen = see(play)
    span = (seen.span["trace_id"], seen.span["span_id"], seen.span["end_unix_ns"])
    assert {span} == {(log["trace_id"], log["span_id"], log["time_unix_ns"]) for log in seen.logs}


@EVERY_PLAY
def test_the_details_are_the_attributes_of_the_span(see: See, play: Play) -> None:
    seen = see(play)
    assert seen.span["attributes"] == seen.logs[0]["attributes"]
    levels = span_levels(play)
    assert (set(), set()) == (
        missing(seen.logs[0]["attributes"], levels, play),
        uncalled_for(seen.logs[0]["attributes"], levels, play),
    )


@pytest.mark.parametrize("play", [play for play in PLAYS if play.fails], ids=str)
def test_an_exception_is_described_beside_the_attributes_of_the_span(see: See, play: Play) -> None:
    details, exception = see(play).logs
    described = {name: value for name, value in exception["attributes"].items() if name.startswith("exception.")}
    assert described.keys() <= EVENTS[EXCEPTION]["attributes"].keys()
    assert described["exception.message"] == see(play).span["status_description"]
    assert details["attributes"] == {
        name: value for name, value in exception["attributes"].items() if name not in described
    }
    assert all(is_of(value, "string") for value in described.values())


@EVERY_PLAY
def test_every_attribute_has_the_type_that_it_is_defined_with(see: See, play: Play) -> None:
    attributes = see(play).logs[0]["attributes"]
    assert [(name, value) for name, value in attributes.items() if not is_of(value, type_of(name))] == []
