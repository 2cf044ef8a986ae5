"""The provider's own usage object is kept as it was told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firsttoken.providers.fields import like_sdk
from firsttoken.providers.raw_usage import LONGEST, raw_usage


@pytest.mark.parametrize("nothing", [None, {}, [], "12", 12, object()])
def test_a_usage_that_is_no_object_is_not_kept(nothing: object) -> None:
    assert raw_usage(nothing) is None


@pytest.mark.parametrize("form", [dict, like_sdk], ids=["dict", "read along"])
def test_counts_that_nobody_knows_yet_are_kept(form: Any) -> None:
    told = {"output_tokens": 4, "telepathy_tokens": 7, "cost": 0.5, "details": {"deep": [None, True]}}
    assert raw_usage(form(told)) == '{"cost":0.5,"details":{"deep":[null,true]},"output_tokens":4,"telepathy_tokens":7}'


def test_what_was_told_last_stands_and_what_was_not_repeated_stays() -> None:
    opening = {"input_tokens": 9, "output_tokens": 1, "service_tier": "standard"}
    ending = {"input_tokens": None, "output_tokens": 40}
    kept = raw_usage(opening, ending)
    assert json.loads(kept or "") == {"input_tokens": 9, "output_tokens": 40, "service_tier": "standard"}


def test_a_usage_beyond_all_measure_is_left_out_whole() -> None:
    assert raw_usage({"a": "x" * LONGEST}) is None
    assert raw_usage({"a": "x" * (LONGEST - 8)}) is not None


@pytest.mark.parametrize("odd", ["\ud800", float("nan"), 10**400, object(), iter([1])])
def test_odd_values_can_be_sent_as_well(odd: object) -> None:
    kept = raw_usage({"a": odd})
    assert kept is not None
    assert kept.isascii()
