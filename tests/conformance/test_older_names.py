"""The same real calls under the names of before October 2026."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.conftest import Seen
from conformance.plays import PLAYS, SECRETS, Play
from firsttoken.semconv.older import OLDER_ATTRIBUTES, OLDER_METRICS, TOKEN_TYPE
from firsttoken.semconv.renaming import named
from firsttoken.settings import Conventions

See = Callable[..., Seen]
EITHER: tuple[Conventions, ...] = ("older", "both")
EVERY_PLAY = pytest.mark.parametrize("play", PLAYS, ids=str)
WITH_OLDER = pytest.mark.parametrize("conventions", EITHER)
OLDER = {row.older for row in OLDER_ATTRIBUTES if row.older != row.current}
VARYING = ("firsttoken.", "gen_ai.response.time_to", "server.port", "gen_ai.response.id")
"""What no two calls have alike: times, ids and ports."""


def alike(attributes: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in attributes.items() if not name.startswith(VARYING)}


@EVERY_PLAY
def test_no_older_name_is_told_by_itself(see: See, play: Play) -> None:
    seen = see(play)
    told = [seen.span["attributes"], *(log["attributes"] for log in seen.logs)]
    assert not OLDER & {name for attributes in told for name in attributes}
    names = {point["name"] for point in seen.points}
    assert not names & {row.metric.name for row in OLDER_METRICS}
    assert not {TOKEN_TYPE, *OLDER} & {name for point in seen.points for name in point["attributes"]}


@WITH_OLDER
@EVERY_PLAY
def test_a_span_and_its_events_have_the_older_names_too(see: See, play: Play, conventions: Conventions) -> None:
    seen, current = see(play, conventions), see(play).span["attributes"]
    assert alike(named(dict(current), conventions)) == alike(dict(seen.span["attributes"]))
    assert current.keys() - {"gen_ai.usage.cache_write.input_tokens"} <= seen.span["attributes"].keys()
    for log in seen.logs:
        assert seen.span["attributes"].items() <= log["attributes"].items()


@WITH_OLDER
@EVERY_PLAY
def test_its_duration_and_its_tokens_are_those_of_the_span(see: See, play: Play, conventions: Conventions) -> None:
    seen = see(play, conventions)
    (duration,) = (point for point in seen.points if point["name"] == "gen_ai.client.operation.duration")
    span_ns = seen.span["end_unix_ns"] - seen.span["start_unix_ns"]
    assert (1, span_ns) == (duration["count"], round(duration["value"] * 1e9))
    assert duration["attributes"].get("error.type") == seen.span["attributes"].get("error.type")
    tokens = {
        f"gen_ai.usage.{point['attributes']['gen_ai.token.type']}_tokens": point["value"]
        for point in seen.points
        if point["name"] == "gen_ai.client.token.usage"
    }
    said = seen.span["attributes"]
    assert {
        name: said[name] for name in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens") if name in said
    } == (tokens)


@EVERY_PLAY
def test_both_have_every_current_metric_and_the_older_ones_besides(see: See, play: Play) -> None:
    def names(conventions: Conventions) -> set[str]:
        return {point["name"] for point in see(play, conventions).points}

    assert names("current") | names("older") == names("both")
    assert not {name for name in names("older") if name.startswith("gen_ai.client.inference.")}


@WITH_OLDER
@EVERY_PLAY
def test_nothing_private_is_told_by_another_name(see: See, play: Play, conventions: Conventions) -> None:
    seen = see(play, conventions)
    told = str((seen.span, seen.points, seen.logs))
    assert [secret for secret in SECRETS if secret in told] == []
