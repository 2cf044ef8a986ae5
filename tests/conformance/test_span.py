"""The span of a call, by the GenAI conventions for an inference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.conftest import Seen
from conformance.conventions import (
    CONDITIONS,
    CONVENTIONS,
    CORE,
    INPUT_OF_A_CUT_STREAM,
    RECOMMENDATIONS,
    SPAN,
    is_conditional,
    is_of,
    is_recommended,
    missing,
    span_levels,
    type_of,
    uncalled_for,
)
from conformance.plays import PLAYS, Play

See = Callable[[Play], Seen]
EVERY_PLAY = pytest.mark.parametrize("play", PLAYS, ids=str)


@EVERY_PLAY
def test_its_name_and_kind_are_those_of_an_inference(see: See, play: Play) -> None:
    span = see(play).span
    assert (f"chat {play.model}", "CLIENT", "firsttoken") == (span["name"], span["kind"], span["scope"])
    assert span["attributes"]["gen_ai.operation.name"] in SPAN["operations"]


@EVERY_PLAY
def test_what_is_required_is_there_and_what_is_not_called_for_is_not(see: See, play: Play) -> None:
    attributes = see(play).span["attributes"]
    assert (set(), set()) == (
        missing(attributes, span_levels(play), play),
        uncalled_for(attributes, span_levels(play), play),
    )


@EVERY_PLAY
def test_what_is_recommended_is_there_where_it_applies(see: See, play: Play) -> None:
    attributes = see(play).span["attributes"]
    recommended = {name for name, level in span_levels(play).items() if is_recommended(level)}
    applies = {name for name in recommended if RECOMMENDATIONS.get(name, lambda *_: False)(play, attributes)}
    known_early = {*INPUT_OF_A_CUT_STREAM} if play.sdk == "anthropic" and play.stream else set()
    assert applies == recommended & attributes.keys() - (known_early - applies)


@EVERY_PLAY
def test_every_attribute_has_the_type_that_it_is_defined_with(see: See, play: Play) -> None:
    span = see(play).span
    everything = span["attributes"].items() | {*()}
    assert [(name, value) for name, value in everything if not is_of(value, type_of(name))] == []


@EVERY_PLAY
def test_a_word_from_a_list_is_on_the_list(see: See, play: Play) -> None:
    for name, value in see(play).span["attributes"].items():
        about = CONVENTIONS["attributes"].get(name, {})
        if "members" in about and name != "openai.request.service_tier":
            assert value in about["members"]


@EVERY_PLAY
def test_its_status_is_unset_or_an_error_with_the_exceptions_message(see: See, play: Play) -> None:
    span = see(play).span
    if not play.fails:
        assert (span["status"], span["status_description"]) == ("UNSET", None)
        return
    (exception,) = (event for event in span["events"] if event["name"] == "firsttoken.error")
    assert ("ERROR", exception["attributes"]["exception.message"]) == (span["status"], span["status_description"])
    assert span["attributes"]["error.type"] != span["status_description"]


@pytest.mark.parametrize("play", [play for play in PLAYS if play.chunks_read is not None or play.fails], ids=str)
def test_a_reason_that_did_not_come_is_an_error_in_its_place(see: See, play: Play) -> None:
    assert see(play).span["attributes"]["gen_ai.response.finish_reasons"] == ("error",)


def test_each_choice_has_a_reason(see: See) -> None:
    for play in PLAYS:
        if play.name == "every parameter" and play.sdk == "openai":
            assert see(play).span["attributes"]["gen_ai.response.finish_reasons"] == ("stop", "stop")


def test_every_condition_of_the_conventions_has_its_rule_here() -> None:
    levels = span_levels(PLAYS[0]) | {
        name: level for metric in CONVENTIONS["metrics"].values() for name, level in metric["attributes"].items()
    }
    conditional = {name for name in span_levels(PLAYS[0]) if is_conditional(levels[name])}
    assert conditional <= CONDITIONS.keys()
    assert CONDITIONS.keys() | RECOMMENDATIONS.keys() <= CONVENTIONS["attributes"].keys() | CORE.keys()
