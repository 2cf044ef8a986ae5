"""What the check of the counted figures calls a regression."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.baseline import Baseline, Counted, differing, regressions, versions_here

HERE = {"python": "3.11.7", "openai": "3.54.0"}


def baseline(versions: dict[str, str] | None = None, **figures: tuple[float, float | None]) -> Baseline:
    return Baseline(versions or HERE, {name: Counted(*figure) for name, figure in figures.items()})


@pytest.mark.parametrize("added", [0, 900, 1_100])
def test_a_figure_may_fall_or_grow_by_a_tenth(added: float) -> None:
    assert regressions(baseline(chunk=(1_000, None)), baseline(chunk=(added, None))) == []


def test_a_figure_that_grows_by_more_is_named_with_how_much() -> None:
    found = regressions(baseline(chunk=(1_000, 5_000), call=(1, None)), baseline(chunk=(1_101, 5_000), call=(1, None)))
    assert found == ["chunk: 1,000 has become 1,101 (+10.1%, at most +10%)"]


def test_a_figure_that_was_nothing_may_not_become_something() -> None:
    assert regressions(baseline(chunk=(0, None)), baseline(chunk=(5, None))) == ["chunk: 0 has become 5"]


def test_a_figure_that_is_not_counted_any_more_is_named() -> None:
    assert regressions(baseline(chunk=(1, None)), baseline()) == ["chunk: is not counted any more"]


def test_with_other_versions_only_the_aims_are_held_that_were_met() -> None:
    accepted = baseline(met=(1_000, 2_000), missed=(3_000, 2_000), free=(1_000, None))
    now = baseline({**HERE, "python": "3.13.0"}, met=(2_001, 2_000), missed=(9_000, 2_000), free=(9_000, None))
    assert differing(accepted, now) == ["python"]
    assert regressions(accepted, now) == ["met: 2,001 misses the aim of 2,000, which 1,000 met"]


def test_an_sdk_that_is_new_here_is_another_version() -> None:
    assert differing(baseline(), baseline({**HERE, "pydantic": "3"})) == ["pydantic"]


def test_a_baseline_that_is_saved_is_loaded_as_it_was(tmp_path: Path) -> None:
    saved = baseline(versions_here(), chunk=(1_000, 3_000), call=(5, None))
    saved.save(tmp_path / "baseline.json")
    assert Baseline.load(tmp_path / "baseline.json") == saved
