"""The types of a stream's events, as a tally counts them, whatever comes in whatever order."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.providers.anthropic_messages import DELTA, MessageTally
from firsttoken.providers.kinds import MOST_KINDS, OTHERS, Kinds
from firsttoken.providers.openai_responses import FetchTally, ResponseTally

TEXT = SimpleNamespace(type="text_delta", text="Hi")
MESSAGES = ("message_start", "content_block_start", DELTA, DELTA, DELTA, "content_block_stop", "ping", "dreamt")
WORDS, REASONS = "response.output_text.delta", "response.reasoning_text.delta"
RESPONSES = ("response.created", WORDS, WORDS, WORDS, REASONS, REASONS, "response.output_item.done", "dreamt")


def events(*of: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), max_size=40)


def chunks(kinds: list[str], *, decoded: bool) -> list[Any]:
    """As the SDK's objects, or as decoded JSON."""
    if decoded:
        return [{"type": kind, "delta": {"type": "text_delta", "text": "Hi"}} for kind in kinds]
    return [SimpleNamespace(type=kind, delta=TEXT) for kind in kinds]


@given(kinds=events(*MESSAGES), decoded=st.booleans())
def test_of_a_stream_of_messages_every_type_but_the_usual_is_counted(kinds: list[str], decoded: bool) -> None:
    tally = MessageTally()
    for chunk in chunks(kinds, decoded=decoded):
        tally.note(chunk)
    said = tally.reading()
    expected = Counter(kinds)
    del expected[DELTA]
    assert (said.events, said.last_event) == (expected, kinds[-1] if kinds else None)


@pytest.mark.parametrize("tally_class", [ResponseTally, FetchTally])
@given(kinds=events(*RESPONSES), decoded=st.booleans(), asked_after=st.integers(0, 40))
def test_of_a_stream_of_responses_every_type_is_counted_at_any_time(
    tally_class: type[ResponseTally], kinds: list[str], decoded: bool, asked_after: int
) -> None:
    tally = tally_class()
    for chunk in chunks(kinds[:asked_after], decoded=decoded):
        tally.note(chunk)
    assert tally.reading().events == Counter(kinds[:asked_after])
    for chunk in chunks(kinds[asked_after:], decoded=decoded):
        tally.note(chunk)
    said = tally.reading()
    assert (said.events, said.last_event) == (Counter(kinds), kinds[-1] if kinds else None)


def test_a_server_that_makes_types_up_fills_no_memory() -> None:
    kinds = Kinds()
    for number in range(1000):
        kinds.take(f"{number}{'x' * 1000}")
    counted = kinds.counted()
    assert (len(counted), counted[OTHERS], sum(counted.values())) == (MOST_KINDS + 1, 1000 - MOST_KINDS, 1000)
    assert max(map(len, counted)) < 50


@pytest.mark.parametrize("kind", [None, 5, ["a"], {"a": 1}, "", "\ud800"], ids=repr)
def test_what_is_no_type_is_counted_under_a_name_of_its_own(kind: object) -> None:
    for tally in (ResponseTally(), MessageTally()):
        tally.note({"type": kind})
        ((name, times),) = tally.reading().events.items()
        assert (times, name.encode().decode()) == (1, name)
