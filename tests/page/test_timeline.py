"""The timeline of a stream on its page: its largest gaps, its rates, the words around them, and its bytes."""

from __future__ import annotations

import http.client
import json
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call.content import Content, Message, Reasoning, Text, ToolCall
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline
from firsttoken.page.rendering import STATIC
from firsttoken.page.timeline.gaps import largest_gaps
from firsttoken.page.timeline.levels import LEVEL_WORDS, LEVELS_MS, level_of
from firsttoken.page.timeline.packed import packed
from firsttoken.page.timeline.rates import MOST_ROWS, rates
from firsttoken.page.timeline.words import words_of

from .samples import HOSTILE_TEXT, MS
from .site import Site
from .test_pages import address, page_of, words
from .timed import add_timed, arrived_ns, timed

S = 1_000 * MS
WAITS = st.lists(st.integers(0, 5 * S), min_size=1, max_size=80)


def timeline_of(waited: list[int]) -> Timeline:
    return Timeline(tuple(arrived_ns(waited)), tuple(waited), (TEXT,) * len(waited), (2,) * len(waited))


def answer(*parts: Text | Reasoning | ToolCall) -> Content:
    return Content(output=(Message("assistant", parts),))


def test_each_chunk_has_its_words() -> None:
    kinds = (NOTHING, REASONING, TEXT, TOOL_CALL, TEXT, TOOL_CALL)
    timeline = Timeline((1,) * 6, (1,) * 6, kinds, (0, 3, 1, 4, 5, 3))
    said = answer(Reasoning("Hm."), Text("\N{GRINNING FACE}"), Text("there"), ToolCall("f", '{"a":1}', True))
    assert words_of(timeline, said) == ("", "Hm.", "\N{GRINNING FACE}", '{"a"', "there", ":1}")


def test_words_of_a_kind_whose_length_differs_are_not_told() -> None:
    timeline = Timeline((1, 2), (1, 1), (TEXT, REASONING), (4, 2))
    assert words_of(timeline, answer(Text("four"), Reasoning("[cut]"))) == ("four", "")
    assert words_of(timeline, answer(Text("[taken out]"))) is None
    assert words_of(timeline, None) is None


def test_words_of_several_choices_are_not_told() -> None:
    timeline = Timeline((1, 2), (1, 1), (TEXT, TEXT), (1, 1))
    two = Content(output=(Message("assistant", (Text("ab"),)), Message("assistant", (Text("cd"),))))
    assert words_of(timeline, two) is None


@given(WAITS)
def test_the_longest_wait_is_always_the_first_of_the_gaps(waited: list[int]) -> None:
    gaps = largest_gaps(timeline_of(waited), None)
    assert [gap.waited_ns for gap in gaps] == sorted((each for each in waited[1:] if each), reverse=True)[:10]
    assert all(waited[gap.chunk] == gap.waited_ns for gap in gaps)


@given(WAITS)
def test_stretches_have_every_chunk_once(waited: list[int]) -> None:
    found = rates(timeline_of(waited))
    assert sum(each.chunks for each in found) == len(waited)
    assert sum(each.characters or 0 for each in found) == 2 * len(waited)
    assert len(found) <= MOST_ROWS
    assert max(each.longest_wait_ns for each in found) == max(waited)


def test_a_timeline_travels_as_numbers_and_bytes() -> None:
    told = packed(Timeline((MS, 3 * MS), (MS, 2 * MS), (TEXT, NOTHING), (7, 0)))
    assert told == struct.pack("<2I4d2I2B", 2, 1, 1.0, 3.0, 1.0, 2.0, 7, 0, 1, 0)
    assert packed(Timeline((MS,), (MS,), (TEXT,))) == struct.pack("<2I2dB", 1, 0, 1.0, 1.0, 1)


def test_a_wait_has_the_same_colour_in_the_drawing_and_in_the_table_of_gaps() -> None:
    script = (STATIC / "timeline_data.js").read_text()
    assert f"const LEVELS_MS = {list(LEVELS_MS)};" in script
    assert [level_of(ns) for ns in (0, 30 * MS - 1, 30 * MS, 999 * MS, S)] == [0, 0, 1, 3, 4]
    assert len(LEVEL_WORDS) == len(LEVELS_MS) + 1


def test_the_page_lists_the_largest_gaps_with_the_words_on_both_sides(site: Site) -> None:
    call = timed(["The ", "switch ", "was ", "frozen."], [100 * MS, 10 * MS, 900 * MS, 20 * MS])
    add_timed(site, call)
    shown = page_of(site, call)
    assert "900 ms 0.110 s 3 text The switch 900 ms was frozen. 20.0 ms 1.010 s 4 text" in shown
    page = site.get(address(call)).text
    assert '<a href="#chunk-3">' in page
    marks = re.findall(r'<mark class="wait-(\d)">([^<]+)', page)
    assert marks == [("3", "900\xa0ms"), ("0", "20.0\xa0ms"), ("0", "10.0\xa0ms")]
    assert "Rates over time" in shown
    told = json.loads(site.get(f"{address(call)}/timeline/words").text)
    assert told == ["The ", "switch ", "was ", "frozen."]


def test_words_at_a_gap_that_are_cut_say_so() -> None:
    words = ["a" * 40, "b" * 20, "c" * 61]
    (gap,) = largest_gaps(timeline_of([1, 1, 9 * MS]), words, most=1)
    assert (gap.before, gap.after) == ("a" * 40 + "b" * 20, "c" * 60 + "…")
    (gap,) = largest_gaps(timeline_of([1, 1, 9 * MS]), ["x" * 30, "y" * 40, "d"], most=1)
    assert gap.before == "…" + "x" * 20 + "y" * 40


def test_a_stream_whose_content_was_not_captured_has_gaps_without_words(site: Site) -> None:
    call = timed(["a", "b", "c"], [MS, 50 * MS, MS], told=False)
    add_timed(site, call)
    assert "Which words came when is not known" in page_of(site, call)
    assert "50.0 ms 0.001 s 2 text" in page_of(site, call)
    assert site.get(f"{address(call)}/timeline/words").status == 404


def test_the_bytes_of_a_timeline_are_served(site: Site) -> None:
    call = timed(["a", "b"], [MS, 50 * MS])
    add_timed(site, call)
    connection = http.client.HTTPConnection(site.host, timeout=30)
    try:
        connection.request("GET", f"{address(call)}/timeline")
        body = connection.getresponse().read()
    finally:
        connection.close()
    assert struct.unpack_from("<2I", body) == (2, 1)
    assert struct.unpack_from("<2d", body, 8) == pytest.approx((1.0, 51.0), abs=0.001)


def test_a_strangers_words_at_a_gap_stay_words(site: Site) -> None:
    call = timed([HOSTILE_TEXT, "\u202eend"], [MS, 50 * MS])
    add_timed(site, call)
    page = site.get(address(call)).text
    assert ("<script>alert" in page, "\u202e" in page) == (False, False)
    assert "\\u202eend" in words(page)
    assert "\\u202eend" in json.loads(site.get(f"{address(call)}/timeline/words").text)


def test_a_timed_call_gives_a_test_with_its_waits(site: Site) -> None:
    call = timed(["Good ", "day"], [5 * MS, 20 * MS])
    add_timed(site, call)
    module = site.get(f"{address(call)}/test").text
    assert "WAITS_S = {  # by the number of the event that is waited for\n    2: 0.02,\n}" in module
