"""A call and what it leaves over are the attributes that were sent, none lost and none kept twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.call import Call
from firsttoken.semconv.fields import REQUEST_FIELDS, RESULT_FIELDS
from firsttoken.semconv.left_over import left_over, left_over_of_ours, whole
from firsttoken.semconv.read import SpanFacts, read_call
from firsttoken.semconv.write import call_attributes

NAMES = [field.attribute for field in (*REQUEST_FIELDS, *RESULT_FIELDS)]
values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    st.lists(st.text("ab", max_size=3), max_size=2),
)


def read(attributes: dict[str, Any]) -> Call:
    return read_call(SpanFacts(attributes, 1, 5))


@given(sent=st.dictionaries(st.sampled_from(NAMES) | st.text("ab.", max_size=3), values, max_size=12))
def test_any_attributes_come_out_as_they_were_sent(sent: dict[str, Any]) -> None:
    call = read(sent)
    found = whole(call, left_over(sent, call))
    assert found == sent
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in sent.items()}


@given(call=calls)
def test_our_own_spans_leave_nothing_over(call: Call) -> None:
    sent = {name: list(v) if isinstance(v, tuple) else v for name, v in call_attributes(call).items()}
    assert left_over(sent, call) == {}


@given(call=calls, more=st.dictionaries(st.text("ab.", max_size=3), values, max_size=3))
def test_the_short_way_for_our_own_spans_leaves_the_same_over(call: Call, more: dict[str, Any]) -> None:
    sent = {name: list(v) if isinstance(v, tuple) else v for name, v in call_attributes(call).items()}
    sent = {**more, **sent}
    found = read(sent)
    assert whole(found, left_over_of_ours(sent, found)) == sent


@pytest.mark.parametrize("name", ["user.name", "gen_ai.system", "app.feature"])
def test_an_attribute_that_no_call_has_is_left_over(name: str) -> None:
    sent: dict[str, Any] = {**call_attributes(SMALLEST_CALL), name: "x"}
    assert left_over(sent, read(sent)) == {name: "x"}


@pytest.mark.parametrize(("name", "value"), [("gen_ai.request.model", 1), ("gen_ai.usage.input_tokens", "12")])
def test_what_is_of_another_kind_than_we_write_is_left_over_of_our_spans_too(name: str, value: object) -> None:
    sent: dict[str, Any] = {**call_attributes(SMALLEST_CALL), name: value}
    assert left_over_of_ours(sent, read(sent)) == {name: value}
