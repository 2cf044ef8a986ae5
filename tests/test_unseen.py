"""What hides in a text is shown, and what scripts and emoji need is left alone."""

from __future__ import annotations

import unicodedata

import pytest

from firsttoken.unseen import UNSAFE, readable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gpt-5",
        "two\r\nlines\tand a tab",
        "\u05e9\u05dc\u05d5\u05dd \u200f\u05e2",
        "\u0646\u0645\u06cc\u200c\u062e",
        "👩\u200d💻 🏳\ufe0f",
        "e\u0301",
    ],
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", r"a\x00b"),
        ("\x1b]52;c;aGk=\x07", r"\x1b]52;c;aGk=\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("admin\u202e\u2066// if\u2069 \u2066", r"admin\u202e\u2066// if\u2069 \u2066"),
        ("pass\u200bword\ufeff\u2060", r"pass\u200bword\ufeff\u2060"),
        ("\U000e0049\U000e0067\U000e007f", r"\U000e0049\U000e0067\U000e007f"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_hides_is_an_escape(text: str, shown: str) -> None:
    assert readable(text) == shown
    assert readable(readable(text)) == shown


def test_no_unsafe_character_is_printable() -> None:
    assert not [
        char for char in map(chr, range(0x110000)) if unicodedata.category(char) in UNSAFE and char.isprintable()
    ]
