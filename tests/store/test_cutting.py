"""What was said is taken out of JSON in pieces, and comes back to the letter, whatever the JSON says."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from firsttoken.store.cutting import LEAST, cut_text, messages_in, put_back, said_in_body

LONG = "You answer in one word. " * 20
SYSTEM = {"role": "system", "parts": [{"type": "text", "content": LONG}]}
ASKED = {"role": "user", "parts": [{"type": "text", "content": f'{LONG} "why?"\n\\ \x1f é 😀'}]}
SHORT = {"role": "user", "parts": []}
NAME = "gen_ai.input.messages"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.just(NAME), inner, max_size=4),
    max_leaves=12,
)


def as_text(value: object) -> str:
    return to_json(value).decode()


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        (as_text([SYSTEM, SHORT, ASKED]), [SYSTEM, ASKED]),
        ([SYSTEM, SHORT, ASKED], [SYSTEM, ASKED]),
        (json.dumps([SYSTEM, ASKED], indent=1), [SYSTEM, ASKED]),
        (LONG, [LONG]),
        (as_text([LONG]), [as_text([LONG])]),
        (as_text([SYSTEM])[:-5], [as_text([SYSTEM])[:-5]]),
        ('[{"a": NaN, "b": "' + LONG + '"}]', None),
        ('["\ud83d", {"b": "'.encode("utf-8", "replace").decode() + LONG + '"}]', [{"b": LONG}]),
        (as_text([SHORT]), []),
        ("", []),
        (7, []),
        (None, []),
        ({"a": LONG}, []),
    ],
)
def test_each_long_message_is_a_piece_of_its_own(value: object, pieces: list[object] | None) -> None:
    whole = as_text({"a": 1, NAME: value, "z": [True]})
    left, cuts, found = cut_text(whole, messages_in)
    assert put_back(left, cuts, found) == whole
    assert json.loads(left).keys() == json.loads(whole).keys()
    if pieces is not None:
        assert [json.loads(found[cut.digest]) for cut in cuts] == pieces
    assert all(len(text) > LEAST for text in found.values())


@given(
    st.dictionaries(st.sampled_from([NAME, "gen_ai.system_instructions", "x"]), json_values | json_values.map(as_text))
)
def test_whatever_json_says_it_comes_back_to_the_letter_and_what_is_left_is_json(value: object) -> None:
    whole = as_text(value)
    for find in (messages_in, said_in_body):
        left, cuts, found = cut_text(whole, find)
        assert put_back(left, cuts, found) == whole
        json.loads(left)


def test_the_same_message_is_the_same_piece_in_a_span_and_in_an_event() -> None:
    in_span, in_event = ({NAME: as_text([SYSTEM])}, [{"name": "said", "attributes": {NAME: [SYSTEM]}}])
    assert cut_text(as_text(in_span), messages_in)[2] == cut_text(as_text(in_event), messages_in)[2] != {}


@pytest.mark.parametrize(
    "hostile",
    [
        {"note": f'"{NAME}":"[{{{LONG}}}]"'},
        {"note": f'\\"{NAME}":[', NAME: f'\\"{NAME}":["{LONG}'},
        {NAME: ["[" * 5000, LONG]},
        {NAME: "[" * 5000 + LONG},
        {NAME: '[{"a":"\\ud800' + LONG + '"}]'},
        {NAME: '[{"a":"\\u0000' + LONG + '"}]'},
        {NAME: [{NAME: [{NAME: LONG}]}], "gen_ai.output.messages": {NAME: [SYSTEM]}},
    ],
)
def test_what_looks_like_a_message_and_is_none_comes_back_as_it_was(hostile: object) -> None:
    whole = as_text(hostile)
    for find in (messages_in, said_in_body):
        left, cuts, found = cut_text(whole, find)
        assert put_back(left, cuts, found) == whole
        assert json.loads(left).keys() == hostile.keys()  # type: ignore[attr-defined]
        assert all(text.encode() for text in found.values())


def test_a_body_without_messages_gives_its_long_texts_and_no_name() -> None:
    body = {LONG: [{"content": LONG}, {"content": "short"}], "request": {"input": f"{LONG}!"}}
    assert sorted(cut_text(as_text(body), said_in_body)[2].values()) == sorted([as_text(LONG), as_text(f"{LONG}!")])


def test_names_within_names_are_read_once_each() -> None:
    whole = "{}"
    for _ in range(100):
        whole = f'{{"{NAME}":[[{whole}]]}}'
    whole = whole.replace("{}", as_text({"a": "x" * 2_000_000}))
    began = time.process_time()
    left, cuts, found = cut_text(whole, messages_in)
    assert put_back(left, cuts, found) == whole
    assert time.process_time() - began < 1
