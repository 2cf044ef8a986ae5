"""A JSON text in pieces is at every moment the value that it says so far, and costs by its length alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from observe.program import PROGRAMS

from adapter.adapting import EVERY_WIRE, streaming, with_client
from firsttoken.adapter import ToolArgumentDelta, ToolCallComplete
from firsttoken.adapter.growing_json import DEEPEST, GrowingJson, Grown
from firsttoken.testing import Answer, CapturedTelemetry, ProviderServer, ToolCall

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
WRITTEN: Final = st.builds(
    json.dumps,
    JSON,
    ensure_ascii=st.booleans(),
    indent=st.none() | st.integers(0, 2),
    separators=st.just((" ,", ":\n")),
)
SURROGATES: Final = ("\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\ud83d", "\ude00", "x", '"')
ALMOST: Final = st.lists(
    st.sampled_from(
        [
            *'{}[]:,"\\ \n\t\x00',
            "0",
            "-1",
            "1.5e3",
            "01",
            "1.",
            "true",
            "nul",
            "NaN",
            "-Infinity",
            "u",
            "a",
            *SURROGATES,
        ]
    ),
    max_size=24,
).map("".join)
"""Texts of the right pieces, of which few are JSON."""


def fed(pieces: Iterable[str]) -> GrowingJson:
    growing = GrowingJson()
    for piece in pieces:
        growing.feed(piece)
    return growing


def cut(text: str, places: Iterable[int]) -> list[str]:
    marks = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(marks)]


def loaded(text: str) -> tuple[bool, Any]:
    try:
        return True, json.loads(text)
    except ValueError:
        return False, None


@given(text=WRITTEN, places=st.lists(st.integers(0, 10_000)))
def test_however_it_is_cut_it_is_what_json_says(text: str, places: list[int]) -> None:
    growing = fed(cut(text, places))
    assert growing.end()
    assert json.dumps(json.loads(text)) == json.dumps(growing.value)


@given(text=ALMOST, places=st.lists(st.integers(0, 10_000)))
def test_it_takes_what_json_takes_and_nothing_else(text: str, places: list[int]) -> None:
    valid, value = loaded(text)
    growing = fed(cut(text, places))
    assert valid == growing.end()
    if valid:
        assert repr(value) == repr(growing.value)  # NaN is not equal to itself


@given(text=ALMOST, places=st.lists(st.integers(0, 10_000)))
def test_how_it_is_cut_changes_nothing(text: str, places: list[int]) -> None:
    at_once, cut_up, by_character = fed([text]), fed(cut(text, places)), fed(text)
    assert repr(at_once.value) == repr(cut_up.value) == repr(by_character.value)
    assert (at_once.broken, at_once.complete) == (cut_up.broken, cut_up.complete)
    assert (at_once.broken, at_once.complete) == (by_character.broken, by_character.complete)


@given(value=st.dictionaries(st.text(max_size=4), JSON, max_size=4), asks=st.sets(st.integers(0, 400)))
def test_what_was_said_stays_said(value: dict[str, Any], asks: set[int]) -> None:
    growing = GrowingJson()
    before: Any = None
    for place, char in enumerate(json.dumps(value)):
        growing.feed(char)
        if place in asks:
            now = json.loads(json.dumps(growing.value))
            assert goes_on(before, now)
            assert goes_on(now, value)
            before = now
    assert (value, True) == (growing.value, growing.complete)


def goes_on(before: Any, now: Any) -> bool:
    """Whether a value is what another may have become."""
    if isinstance(before, dict) and isinstance(now, dict):
        return all(key in now and goes_on(item, now[key]) for key, item in before.items())
    if isinstance(before, list) and isinstance(now, list):
        return len(before) <= len(now) and all(goes_on(*pair) for pair in zip(before, now, strict=False))
    if isinstance(before, str) and isinstance(now, str):
        return now.startswith(before)
    return before is None or before == now


@given(value=JSON, places=st.lists(st.integers(0, 10_000)))
def test_the_growths_of_its_strings_are_its_strings(value: Any, places: list[int]) -> None:
    growing, texts = GrowingJson(), dict[tuple[str | int, ...], str]()
    for piece in cut(json.dumps(value), places):
        for grown in growing.feed(piece):
            assert grown.text
            texts[grown.path] = texts.get(grown.path, "") + grown.text
    assert {path: text for path, text in strings(value) if text} == texts


def strings(value: Any, path: tuple[str | int, ...] = ()) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from strings(item, (*path, key))


def test_a_value_is_there_as_it_is_written() -> None:
    growing = GrowingJson()
    seen = []
    for piece in ("", '{"to', 'wn": "Gh', "ent", '", "n": [1', "2, tr", "ue]", "}"):
        growing.feed(piece)
        seen.append(json.dumps(growing.value))
    assert seen == [
        "null",
        "{}",
        '{"town": "Gh"}',
        '{"town": "Ghent"}',
        '{"town": "Ghent", "n": []}',
        '{"town": "Ghent", "n": [12]}',
        '{"town": "Ghent", "n": [12, true]}',
        '{"town": "Ghent", "n": [12, true]}',
    ]


def test_half_of_a_character_waits_for_the_other_half() -> None:
    growing = GrowingJson()
    assert growing.feed('["\\ud83d') == []
    assert growing.value == [""]
    assert [Grown((0,), "😀")] == growing.feed("\\ude00")


@pytest.mark.parametrize("text", ["", " ", "{", '{"a"', '{"a":', '{"a": "b', "[1", "-"])
def test_a_text_that_has_not_come_to_its_end_is_neither_complete_nor_broken(text: str) -> None:
    growing = fed([text])
    assert (growing.complete, growing.broken) == (False, False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1,}', {"a": 1}),
        ('{"a": "b" "c"}', {"a": "b"}),
        ('{"a": tru, "b": 2}', {}),
        ('{"a": 1}}', {"a": 1}),
        ("{'a': 1}", {}),
        ("I will look it up: {}", None),
        ("", None),
    ],
)
def test_what_is_no_json_is_what_it_said_until_then(text: str, value: object) -> None:
    growing = fed([text])
    assert not growing.end()
    assert (growing.value, growing.broken) == (value, text != "")
    growing.feed('{"b": 1}')
    assert growing.value == value or text == ""


def test_a_text_may_be_as_deep_as_is_said_and_no_deeper() -> None:
    assert fed(["[" * DEEPEST + "]" * DEEPEST]).complete
    assert fed(["[" * (DEEPEST + 1)]).broken


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python run, which no load on the machine changes."""
    count = 0

    def on_line(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        del frame, arg
        count += event == "line"
        return on_line

    before = sys.gettrace()
    sys.settrace(on_line)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "written",
    [
        lambda size: json.dumps({"text": "x" * size}),
        lambda size: json.dumps({"text": '"\n\u1234' * (size // 8)}),
        lambda size: json.dumps(list(range(size // 6))),
        lambda size: json.dumps({"k" * size: 1}),
        lambda size: '{"a": ' * (DEEPEST - 1) + json.dumps(["x"] * (size // 5)),
    ],
    ids=["one long string", "escapes", "numbers", "a long key", "deep down"],
)
def test_the_steps_grow_with_the_length_alone(written: Callable[[int], str]) -> None:
    measured = [(len(text), lines_run(partial(fed, text))) for text in map(written, (4_000, 8_000, 16_000))]
    (first, second) = ((more - less) / (longer - shorter) for (shorter, less), (longer, more) in pairwise(measured))
    assert second <= 1.1 * first


def test_a_megabyte_in_single_characters_copies_each_of_them_a_few_times_at_most() -> None:
    text = "x" * 1_000_000
    growing, length = GrowingJson(), 0
    for char in json.dumps({"file": text}):
        length += sum(len(grown.text) for grown in growing.feed(char))
    assert (len(text), {"file": text}, True) == (length, growing.value, growing.complete)


@EVERY_WIRE
def test_the_arguments_of_a_stream_grow_into_those_of_the_whole_call(
    wire: str, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    written = json.dumps({"path": "a.txt", "text": 'one "two"\n' * 200})
    provider.enqueue(Answer(tool_calls=(ToolCall("write_file", tuple(written)),)))
    growing, text = GrowingJson(), list[str]()

    async def work(client: Any) -> ToolCallComplete:
        for event in streaming(client, wire):
            if isinstance(event, ToolArgumentDelta):
                text.extend(grown.text for grown in growing.feed(event.arguments) if grown.path == ("text",))
            if isinstance(event, ToolCallComplete):
                return event
        raise AssertionError("no call")

    call = with_client(wire, PROGRAMS["sync"], provider, work)
    assert [written, json.loads(written), True] == [call.arguments, growing.value, growing.complete]
    assert "".join(text) == growing.value["text"]
