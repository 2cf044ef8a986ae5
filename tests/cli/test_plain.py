import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.cli.plain import plain
from firsttoken.unseen import UNSAFE


@pytest.mark.parametrize("text", ["gpt-4o-mini", "", "Käse 模型 🦊", "a b\N{NO-BREAK SPACE}c"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert text == plain(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\r\nb\tc", r"a\x0d\x0ab\x09c"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u200bb", r"a\u200bb"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_could_steer_a_terminal_is_written_as_an_escape(text: str, shown: str) -> None:
    assert shown == plain(text)


@given(st.text())
def test_no_unsafe_character_is_ever_left(text: str) -> None:
    assert not {unicodedata.category(char) for char in plain(text)} & UNSAFE
