"""What a caller or an SDK holds, as plain values: bounded, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from firsttoken.plain import DEEPEST, Unread, plain


class Pair(BaseModel):
    model_config = ConfigDict(extra="allow")

    left: Any = None
    right: Any = None


def holding_itself_twice(held: Any) -> Any:
    if isinstance(held, list):
        held.extend((held, held))
    elif isinstance(held, dict):
        held.update(left=held, right=held)
    else:
        held.left = held.right = held
    return held


@pytest.mark.timeout(20)
@pytest.mark.parametrize("held", [Pair, dict, list], ids=["model", "dict", "list"])
def test_a_value_that_holds_itself_twice_is_left_alone_where_it_stands_in_itself(held: Any) -> None:
    told = plain(holding_itself_twice(held()))
    inside = told if isinstance(told, list) else [told["left"], told["right"]]
    assert [(type(each), each.kind) for each in inside] == [(Unread, held.__name__)] * 2


def test_a_value_that_stands_in_two_places_is_told_in_both() -> None:
    shared = Pair(left=1)
    assert plain([shared, {"again": shared}]) == [{"left": 1}, {"again": {"left": 1}}]


def test_what_is_nested_too_deep_is_left_alone_and_the_rest_is_told() -> None:
    value: Any = "bottom"
    for _ in range(DEEPEST + 2):
        value = [value, "beside"]
    told = plain(value)
    for _ in range(DEEPEST):
        told, beside = told
        assert beside == "beside"
    assert isinstance(told[0], Unread)
