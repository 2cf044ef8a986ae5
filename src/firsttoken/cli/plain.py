"""Text from outside made safe for a terminal: nothing in it can move the cursor, colour or turn a line."""

from __future__ import annotations

import unicodedata
from typing import Final

UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories: controls, invisible formatting, surrogates, private use, unassigned, line separators."""


def plain(text: str) -> str:
    """The same text on one line, every unsafe character written as an escape such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if unicodedata.category(char) in UNSAFE else char for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
