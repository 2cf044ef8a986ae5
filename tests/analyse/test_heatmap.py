"""Every call with a figure is in one place of a heatmap, and the place selects it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL

from firsttoken.analyse import count_calls
from firsttoken.analyse.asking import answered
from firsttoken.analyse.heatmap import HEATMAP, Figure, HeatmapAnswer, HeatmapOptions, HeatmapRow
from firsttoken.analyse.latency import UPPER_NS
from firsttoken.call import Call, Timing
from firsttoken.errors import NoCallsError
from firsttoken.store import Between, Selection, Store

from .conftest import Runs

MS = 1_000_000
times = st.none() | st.integers(0, 10**13) | st.sampled_from(UPPER_NS).flatmap(lambda ns: st.sampled_from([ns - 1, ns]))


def a_call(started_unix_ns: int, first_token_ns: int | None, largest_gap_ns: int | None = None) -> Call:
    timing = Timing(started_unix_ns, 5 * MS, first_token_ns=first_token_ns, largest_gap_ns=largest_gap_ns)
    return replace(SMALLEST_CALL, timing=timing, request=replace(SMALLEST_CALL.request, stream=True))


def asked(runs: Runs, run_id: str, figure: Figure = "first_token", step_s: int | None = None) -> HeatmapAnswer:
    options = HeatmapOptions(selection=Selection(run_id=run_id), figure=figure, step_s=step_s)
    return answered(HEATMAP, runs.store, options)


@given(made=st.lists(st.tuples(st.integers(1, 300 * 10**9), times, times), min_size=1, max_size=9))
@settings(max_examples=25, deadline=None)
def test_a_place_counts_the_calls_that_its_bounds_select(
    runs: Runs, made: list[tuple[int, int | None, int | None]]
) -> None:
    run_id = runs.add(*(a_call(*each) for each in made))
    for figure, place in (("first_token", 1), ("largest_gap", 2)):
        found = asked(runs, run_id, figure)  # type: ignore[arg-type]
        assert found.calls == sum(each[place] is not None for each in made)
        for row in found.rows:
            selection = Selection(
                run_id=run_id,
                since_unix_ns=row.start_unix_ns,
                until_unix_ns=row.start_unix_ns + found.step_s * 10**9,
                between=(Between(figure, row.at_least_s, row.below_s),),
            )
            assert row.calls == count_calls(runs.store, selection)


def test_places_stand_in_the_order_of_time_and_length(runs: Runs) -> None:
    run_id = runs.add(*(a_call(1, ns) for ns in (10**12, 3 * MS, 3 * MS + 1, 0)), a_call(10**11, 7 * 10**9))
    assert asked(runs, run_id, step_s=60).rows == (
        HeatmapRow(0, None, 0.001, 1),
        HeatmapRow(0, 0.003, 0.005, 2),
        HeatmapRow(0, 700.0, None, 1),
        HeatmapRow(60 * 10**9, 7.0, 10.0, 1),
    )


def test_the_total_is_known_of_every_call(runs: Runs) -> None:
    found = asked(runs, runs.add(a_call(1, None), a_call(2, None)), "total")
    assert [(row.at_least_s, row.below_s, row.calls) for row in found.rows] == [(0.005, 0.007, 2)]


def test_no_calls_are_an_answer_and_a_filter_that_none_passes_is_a_slip(runs: Runs) -> None:
    with Store.open(None) as empty:
        assert answered(HEATMAP, empty, HeatmapOptions()).rows == ()
    with pytest.raises(NoCallsError):
        asked(runs, "nobody's")
