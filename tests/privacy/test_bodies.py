"""What of a request and its answer may be told in the shape of their wire: by level, redacted, within its budget."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call.bodies import NO_BODIES, Bodies, Redaction, Truncation
from firsttoken.call.bounds import Budget
from firsttoken.call.cutting import cut, digest_of, size_of
from firsttoken.privacy.bodies import Limits, prepared
from firsttoken.privacy.redaction import Redaction as Redacting
from firsttoken.privacy.redaction import sights_for
from firsttoken.settings import ContentLevel

WIDE = 1 << 20


class Kept:
    """What was given to the content store."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def __call__(self, text: str, sha256: str) -> str:
        self.texts[sha256] = text
        return f"store/{sha256[:6]}"


def bodies(
    request: object = None,
    response: object = None,
    *,
    level: ContentLevel = "full",
    whole: int = WIDE,
    part: int = WIDE,
    kinds: tuple[str, ...] = (),
    known: tuple[str, ...] = (),
    keep: Any = lambda text, sha256: None,
) -> Bodies:
    return prepared(
        request, response, level, Redacting(sights_for(kinds), known=known), Limits(Budget(whole, part), keep)
    )


REQUEST: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "temperature": 0.5,
    "stream": True,
    "metadata": {"customer": "canary-Metadata"},
    "user": "canary-User",
    "messages": [
        {"role": "system", "content": "canary-System"},
        {"role": "user", "name": "canary-Name", "content": [{"type": "text", "text": "canary-Text"}]},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://example.com/canary-Url.png", "detail": "low"}},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "Y2FuYXJ5" * 50}},
                {
                    "type": "tool_use",
                    "id": "tu_1",
                    "name": "weather",
                    "input": {"canary_key": "canary-Input", "age": 45},
                },
            ],
        },
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"a": "canary-Arguments"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "canary-Result"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "canary-Description",
                "parameters": {"type": "object", "properties": {"canary_parameter": {"type": "string"}}},
            },
        }
    ],
    "response_format": {"type": "json_schema", "json_schema": {"name": "canary-Schema"}},
}
RESPONSE: dict[str, Any] = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "canary-Answer", "refusal": None},
            "logprobs": {"content": [{"token": "canary", "logprob": -0.25, "bytes": [99, 97]}]},
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}},
}


def test_nothing_is_told_by_default() -> None:
    assert bodies(REQUEST, RESPONSE, level="none") is NO_BODIES


def test_all_of_it_is_told_as_it_was_sent_where_that_is_asked_for() -> None:
    told = bodies(REQUEST, RESPONSE)
    expected = json.loads(json.dumps(REQUEST))
    picture = expected["messages"][2]["content"][1]["source"]
    content = b"canary" * 50
    picture["data"] = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert told == Bodies(expected, RESPONSE)


def test_the_shape_has_roles_kinds_sizes_names_of_tools_and_parameters_and_not_a_word() -> None:
    told = bodies(REQUEST, RESPONSE, level="metadata")
    assert told.request == {
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "stream": True,
        "metadata": {"bytes": 15},
        "user": {"bytes": 11},
        "messages": [
            {"role": "system", "content": {"bytes": 13}},
            {"role": "user", "name": {"bytes": 11}, "content": [{"type": "text", "text": {"bytes": 11}}]},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": {"bytes": 34}, "detail": "low"}},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": {"bytes": 400}}},
                    {"type": "tool_use", "id": "tu_1", "name": "weather", "input": {"bytes": 12}},
                ],
            },
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": {"bytes": 25}}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": {"bytes": 13}},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "weather", "description": {"bytes": 18}, "parameters": {"bytes": 12}},
            }
        ],
        "response_format": {"type": "json_schema", "json_schema": {"bytes": 13}},
    }
    assert told.response == {
        "id": "chatcmpl-1",
        "model": "gpt-4o-mini-2024",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": {"bytes": 13}, "refusal": None},
                "logprobs": {"bytes": 6},
            }
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}},
    }


@given(
    st.recursive(st.text(min_size=8), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_no_word_of_the_application_is_in_the_shape_of_anything(said: Any) -> None:
    """Whatever stands where a text may stand."""
    request = {"messages": [{"role": "user", "content": said}], "input": said, "system": said, "metadata": said}
    words = {text for text in _texts(bodies(request, level="metadata").request) if " " in text or len(text) > 128}
    assert words == set()


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in _texts(item)]


def test_what_is_taken_out_is_told_by_kind_and_number() -> None:
    key = "sk-abcdefghij0123456789ABCD"
    told = bodies(
        {"messages": [{"content": f"my key {key}"}, {"content": f"a@b.io {key}"}], "note": "own-canary-key"},
        kinds=("email",),
        known=("own-canary-key",),
    )
    assert told.request == {
        "messages": [{"content": "my key [api_key removed]"}, {"content": "[email removed] [api_key removed]"}],
        "note": "[credential removed]",
    }
    assert told.redactions == (Redaction("api_key", 2), Redaction("credential", 1), Redaction("email", 1))


@pytest.mark.parametrize(
    "arguments",
    [
        {"password": "hunter"},
        {"AZURE_API_KEY": "short"},
        {"Authorization": "Custom canary"},
        {"headers": {"X-Team": "canary"}},
        {"nested": [{"client_secret": ["canary"]}]},
    ],
)
def test_what_an_object_calls_a_secret_is_never_told_whatever_it_looks_like(arguments: Any) -> None:
    told = bodies({"tools": [{"type": "mcp", **arguments}]})
    assert not any(word in json.dumps(told.request) for word in ("hunter", "short", "canary"))
    assert told.redactions == (Redaction("secret", 1),)


def test_an_address_loses_what_may_be_secret_in_it() -> None:
    told = bodies({"url": "https://me:word@example.com/a.png?sig=canary#x"})
    assert told.request == {"url": "https://example.com/a.png"}


def test_a_long_text_is_cut_at_its_middle_and_told_by_its_size_and_digest() -> None:
    text, keep = "head " + "ä" * 5000 + " tail", Kept()
    told: Any = bodies({"a/b": {"c~d": [text]}}, whole=1000, keep=keep)
    cut_text = told.request["a/b"]["c~d"][0]
    assert cut_text.startswith("head ää")
    assert cut_text.endswith("ää tail")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert told.truncations == (Truncation("/request_body/a~1b/c~0d/0", 10_010, sha256, f"store/{sha256[:6]}"),)
    assert told.truncated == 1
    assert keep.texts == {sha256: text}
    assert 900 < size_of(cut_text) <= 1000


def test_what_is_kept_of_a_cut_text_is_redacted() -> None:
    key, keep = "sk-abcdefghij0123456789ABCD", Kept()
    bodies({"a": "x " * 500 + key + " x" * 500}, whole=300, keep=keep)
    (text,) = keep.texts.values()
    assert key not in text
    assert "[api_key removed]" not in bodies({"a": "y " * 500 + key + " y" * 500}, whole=300).request  # type: ignore[operator]


def test_the_longest_texts_are_cut_first_and_the_answer_has_half_of_the_room() -> None:
    told: Any = bodies({"a": "a " * 2500, "b": "short"}, {"c": "c " * 2500, "d": "d" * 100}, whole=2000)
    assert (told.request["b"], told.response["d"]) == ("short", "d" * 100)
    assert len(told.request["a"]) > 900
    assert len(told.response["c"]) > 700


def test_one_text_may_have_a_limit_of_its_own() -> None:
    told: Any = bodies({"a": "a " * 2500, "b": "b" * 200}, part=300)
    assert size_of(told.request["a"]) <= 300
    assert told.request["b"] == "b" * 200


@pytest.mark.parametrize("level", ["metadata", "full"])
def test_a_small_budget_is_one_of_text_and_leaves_the_structure(level: ContentLevel) -> None:
    told: Any = bodies(REQUEST, RESPONSE, level=level, whole=600)
    assert told.items_left_out == 0
    assert [message["role"] for message in told.request["messages"]] == ["system", "user", "user", "assistant", "tool"]
    assert told.response["usage"] == RESPONSE["usage"]


def test_a_list_that_is_too_long_loses_its_middle_and_the_loss_is_told() -> None:
    told: Any = bodies({"input": list(range(5000))})
    assert told.request["input"][:2] == [0, 1]
    assert told.request["input"][-1] == 4999
    assert told.items_left_out == 4000


SAYABLE = st.text(max_size=300) | st.integers() | st.floats() | st.booleans() | st.none() | st.binary(max_size=300)
BODIES = st.recursive(
    SAYABLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=40), inner), max_leaves=60
)


@given(BODIES, BODIES, st.integers(600, 4000))
def test_both_together_are_never_larger_than_their_budget(request: Any, response: Any, whole: int) -> None:
    told = bodies({"a": request, "b": [request] * 5}, {"c": [response] * 5}, whole=whole)
    assert (
        len(json.dumps([told.request, told.response], ensure_ascii=False, separators=(",", ":")).encode())
        < whole * 7 + 32_768
    )
    long = [size for body in (told.request, told.response) for text in _texts(body) if (size := size_of(text)) > 32]
    assert sum(long) <= whole


@given(st.text(st.characters(exclude_categories=[]), max_size=400), st.integers(0, 300))
def test_a_cut_text_is_valid_within_its_limit_and_made_of_its_head_and_tail(text: str, limit: int) -> None:
    size = size_of(text)
    if size > limit:
        told = cut(text, limit, size)
        assert len(told.encode()) <= limit
        head, _, tail = told.partition("…")
        assert text.encode("utf-8", "replace").decode().startswith(head.removesuffix("["))
        assert limit < 64 or text.encode("utf-8", "replace").decode().endswith(tail.partition("…]")[2])


def test_the_digest_of_a_long_text_is_that_of_its_bytes() -> None:
    text = "aä€😀" * 600_000
    assert digest_of(text) == hashlib.sha256(text.encode()).hexdigest()
    assert size_of(text) == len(text.encode())
