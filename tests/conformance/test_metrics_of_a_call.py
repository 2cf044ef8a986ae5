"""The metrics of a call, by the GenAI conventions for a client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from conformance.conftest import Seen
from conformance.conventions import METRICS, is_of, metric_levels, missing, type_of, uncalled_for
from conformance.plays import PLAYS, Play
from firsttoken.semconv import own
from firsttoken.testing import CapturedPoint, ErrorAnswer

See = Callable[[Play], Seen]
EVERY_PLAY = pytest.mark.parametrize("play", PLAYS, ids=str)
INFERENCE = "gen_ai.client.inference"
TOTALS = {
    f"{INFERENCE}.usage.input_tokens": "input_tokens",
    f"{INFERENCE}.usage.output_tokens": "output_tokens",
    f"{INFERENCE}.usage.cache_read.input_tokens": "cache_read_tokens",
    f"{INFERENCE}.usage.cache_write.input_tokens": "cache_write_tokens",
    f"{INFERENCE}.usage.reasoning.output_tokens": "reasoning_tokens",
}
PERCENTILES = {
    f"{INFERENCE}.operation.input_tokens": "input_tokens",
    f"{INFERENCE}.operation.output_tokens": "output_tokens",
}
OURS = {metric.name: metric for metric in own.OWN_METRICS}


def conventional(seen: Seen) -> list[CapturedPoint]:
    return [point for point in seen.points if point["name"] not in OURS]


def only(seen: Seen, name: str) -> CapturedPoint | None:
    found = [point for point in seen.points if point["name"] == name]
    assert len(found) <= 1
    return found[0] if found else None


@EVERY_PLAY
def test_instrument_unit_and_buckets_are_those_of_the_definition(see: See, play: Play) -> None:
    for point in conventional(see(play)):
        about = METRICS[point["name"]]
        buckets = about.get("buckets")
        assert about["unit"] == point["unit"]
        assert ("histogram" if point["bounds"] is not None else "counter") == about["instrument"]
        assert point["bounds"] == (None if buckets is None else tuple(buckets))
        assert type(point["value"]) is (float if about["unit"] == "s" else int)


@EVERY_PLAY
def test_our_own_metrics_have_the_unit_and_the_bounds_of_our_table(see: See, play: Play) -> None:
    for point in see(play).points:
        if point["name"] in OURS:
            ours = OURS[point["name"]]
            assert (ours.unit, ours.buckets) == (point["unit"], point["bounds"])
            assert ("histogram" if point["bounds"] is not None else "counter") == ours.instrument


@EVERY_PLAY
def test_every_attribute_that_is_required_is_there_and_no_other(see: See, play: Play) -> None:
    for point in conventional(see(play)):
        levels = metric_levels(point["name"], play)
        assert (set(), set()) == (
            missing(point["attributes"], levels, play),
            uncalled_for(point["attributes"], levels, play),
        )
        assert all(is_of(value, type_of(name)) for name, value in point["attributes"].items())


@EVERY_PLAY
def test_no_attribute_of_a_metric_grows_with_the_number_of_calls(see: See, play: Play) -> None:
    seen = see(play)
    alone = {"gen_ai.response.id", own.REQUEST_ID, "gen_ai.request.seed"}
    assert not alone & {name for point in seen.points for name in point["attributes"]}


@EVERY_PLAY
def test_the_duration_and_the_type_of_error_are_those_of_the_span(see: See, play: Play) -> None:
    seen = see(play)
    duration = only(seen, f"{INFERENCE}.duration")
    assert duration is not None
    assert duration["count"] == 1
    span_ns = seen.span["end_unix_ns"] - seen.span["start_unix_ns"]
    assert span_ns == round(duration["value"] * 1e9)
    assert seen.span["attributes"].get("error.type") == duration["attributes"].get("error.type")


@EVERY_PLAY
def test_only_a_stream_has_times_of_chunks(see: See, play: Play) -> None:
    seen = see(play)
    chunks = seen.span["attributes"].get(own.CHUNK_COUNT)
    first, between = only(seen, f"{INFERENCE}.time_to_first_chunk"), only(seen, f"{INFERENCE}.time_per_output_chunk")
    if not chunks:
        assert (first, between) == (None, None)
        return
    assert isinstance(chunks, int)
    assert first is not None
    assert between is not None
    assert play.stream
    assert (1, chunks - 1) == (first["count"], between["count"])
    assert first["value"] == seen.span["attributes"]["gen_ai.response.time_to_first_chunk"]


@EVERY_PLAY
def test_token_counters_have_a_modality_and_add_up_to_the_totals(see: See, play: Play) -> None:
    counted: Counter[str] = Counter()
    for point in see(play).points:
        if point["name"] in TOTALS:
            counted[TOTALS[point["name"]]] += int(point["value"])
            assert point["attributes"]["gen_ai.token.modality"] in {"audio", "image", "text", "unknown"}
    usage = play.usage
    if usage is not None:
        expected = {part: count for part in TOTALS.values() if (count := getattr(usage, part)) is not None}
        assert expected == dict(counted)
    else:
        assert "output_tokens" not in counted


@EVERY_PLAY
def test_there_is_no_point_of_a_percentile_for_an_unknown_count(see: See, play: Play) -> None:
    points = {point["name"]: point["value"] for point in see(play).points if point["name"] in PERCENTILES}
    expected = {name: getattr(play.usage, part) for name, part in PERCENTILES.items()} if play.usage else {}
    assert expected == points


@EVERY_PLAY
def test_every_call_that_was_not_refused_is_priced_or_counted_as_unpriced(see: See, play: Play) -> None:
    refused = isinstance(play.reply, ErrorAnswer)
    about_cost = {own.COST.name, own.UNPRICED_CALLS.name}
    assert sum(point["name"] in about_cost for point in see(play).points) == (not refused)


@EVERY_PLAY
def test_every_call_is_counted_once_by_how_its_span_says_that_it_ended(see: See, play: Play) -> None:
    seen = see(play)
    counted = only(seen, own.CALLS.name)
    assert counted is not None
    assert (1, seen.span["attributes"][own.OUTCOME]) == (counted["value"], counted["attributes"][own.OUTCOME])
    assert (play.usage is not None) == (counted["attributes"].get(own.USAGE_KNOWN) == "final")
    assert isinstance(play.reply, ErrorAnswer) == (own.USAGE_KNOWN not in counted["attributes"])
    assert play.stream == counted["attributes"].get("gen_ai.request.stream", False)


@EVERY_PLAY
def test_the_first_token_and_what_came_after_it_are_those_of_the_span(see: See, play: Play) -> None:
    seen = see(play)
    first, last = (seen.span["attributes"].get(name) for name in (own.TIME_TO_FIRST_TOKEN, own.TIME_TO_LAST_CHUNK))
    found = [only(seen, metric.name) for metric in (own.FIRST_TOKEN_TIME, own.GENERATION_TIME)]
    if not isinstance(first, float) or not isinstance(last, float):
        assert found == [None, None]
        return
    assert [pytest.approx(first), pytest.approx(last - first)] == [point and point["value"] for point in found]


@EVERY_PLAY
def test_what_a_cache_saved_and_what_a_cut_stream_had_cost_are_told_where_they_are_known(see: See, play: Play) -> None:
    seen = see(play)
    about = seen.span["attributes"]
    cached = any(about.get(f"gen_ai.usage.cache_{kind}.input_tokens") for kind in ("read", "write"))
    assert (only(seen, own.CACHE_SAVINGS.name) is not None) == (cached and own.COST_TOTAL in about)
    assert (only(seen, own.CUT_COST.name) is not None) == (about.get(own.USAGE_PARTIAL) is True)


@EVERY_PLAY
def test_every_failed_call_is_counted_once_by_the_category_of_its_span(see: See, play: Play) -> None:
    seen = see(play)
    errors = only(seen, own.ERRORS.name)
    category = seen.span["attributes"].get(own.ERROR_CATEGORY)
    assert (1 if play.fails else None, category) == (
        None if errors is None else errors["value"],
        None if errors is None else errors["attributes"][own.ERROR_CATEGORY],
    )
