"""Characters that are not seen for what they are: they show nothing, move a cursor or turn a line around."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories: controls, invisible formatting, surrogates, private use, unassigned, line separators."""


HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u180e\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""What people do not write and a model may: controls, what turns a line around (Trojan Source), spaces without width,
tags that spell a message nobody sees. Line ends, tabs, and the joiners and marks that scripts and emoji need are not
among them."""


def escaped(char: str) -> str:
    """For example `\\x1b` or `\\u202e`."""
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def readable(text: str) -> str:
    """Text of any length as it is to be read, with an escape for whatever hides in it."""
    return text if text.isascii() and text.isprintable() else HIDDEN.sub(lambda found: escaped(found[0]), text)


def spelt_out(line: str, escape: Callable[[str], str]) -> str:
    """The same line with an escape for each of them."""
    if line.isprintable():  # No character of these categories is.
        return line
    return "".join(escape(char) if unicodedata.category(char) in UNSAFE else char for char in line)
