"""Single values out of what nobody promised."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from firsttoken.providers.fields import JsonObject, count, get, items, like_sdk, mapping, number, text, texts, whole

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
"""As wires name their members."""
NAMED = st.dictionaries(
    NAMES,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
        max_leaves=8,
    ),
)
ANYTHING = JSON | st.text(st.characters()) | st.binary() | st.builds(object) | st.complex_numbers()


@given(ANYTHING)
def test_no_value_raises_and_what_comes_out_can_be_sent(value: object) -> None:
    for read in (text, whole, count, number):
        found = read(value)
        if found is not None:
            sent = AnyValue(**{{str: "string_value", int: "int_value", float: "double_value"}[type(found)]: found})
            assert AnyValue.FromString(sent.SerializeToString()).SerializeToString() == sent.SerializeToString()
    for word in texts(value) or ():
        AnyValue(string_value=word)
    assert isinstance(items(value), list)
    assert mapping(value) == (value if isinstance(value, dict) else {})


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_proper_text_stays_as_it_is(value: str) -> None:
    assert (value, (value,)) == (text(value), texts(value))


def test_half_a_character_becomes_a_question_mark() -> None:
    assert (text("a\ud800b"), texts(["\udfff", "c"])) == ("a?b", ("?", "c"))


def test_a_path_leads_through_mappings_and_objects_and_ends_where_a_step_is_missing() -> None:
    value = {"a": JsonObject({"b": {"c": 1}})}
    assert (
        get(value, "a", "b", "c"),
        get(value, "a", "x", "c"),
        get(None, "a"),
        get(3, "a"),
    ) == (1, None, None, None)


@given(NAMED)
def test_a_json_object_reads_like_an_sdks_all_the_way_down(value: dict[str, Any]) -> None:
    def plain(seen: Any, like: Any) -> Any:
        if isinstance(like, dict):
            return {name: plain(getattr(seen, name), like[name]) for name in like}
        return [plain(*pair) for pair in zip(seen, like, strict=True)] if isinstance(like, list) else seen

    assert json.dumps(value) == json.dumps(plain(like_sdk(value), value))
