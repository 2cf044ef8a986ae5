"""Strings, numbers and words of a JSON text, read piece by piece."""

from __future__ import annotations

import json
import re
from typing import Final

PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]+')
"""A run of a string in which every character stands for itself."""
TOKEN: Final = re.compile(r"[-+.\w]+", re.ASCII)
"""A number, `true`, `false` or `null`, or what is meant to be one."""
ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


class JsonString:
    """A string after its opening quote."""

    __slots__ = ("_escape", "_high", "_new", "_taken", "broken", "closed")

    def __init__(self) -> None:
        self.closed = False
        self.broken = False
        self._taken: list[str] = []
        self._new: list[str] = []
        self._escape = ""
        """As much as there is of an escape that is not at its end."""
        self._high: int | None = None
        """The first half of a surrogate pair, which waits for the second."""

    def read(self, text: str, at: int) -> int:
        """Reads on from a place, to behind the closing quote or to what does not fit; says how far it came."""
        end = len(text)
        while at < end and not (self.closed or self.broken):
            if self._escape:
                self._unescape(text[at])
            elif run := PLAIN.match(text, at):
                self._add(run.group())
                at = run.end() - 1
            elif text[at] == '"':
                self._add("")
                self.closed = True
            else:
                self._escape = text[at]
                self.broken = text[at] != "\\"
            at += not self.broken
        return at

    def take(self) -> str:
        """What has been added since this was last asked."""
        new = "".join(self._new)
        self._new = []
        self._taken.append(new)
        return new

    def value(self) -> str:
        """All that was taken."""
        self._taken = ["".join(self._taken)]
        return self._taken[0]

    def _unescape(self, char: str) -> None:
        if self._escape == "\\" and char in ESCAPES:
            self._escape = ""
            self._add(ESCAPES[char])
        elif char in HEXADECIMAL if len(self._escape) > 1 else char == "u":
            self._escape += char
            if len(self._escape) == len("\\uXXXX"):
                code, self._escape = int(self._escape[2:], 16), ""
                self._add_unit(code)
        else:
            self.broken = True

    def _add(self, text: str) -> None:
        if self._high is not None:
            self._new.append(chr(self._high))
            self._high = None
        self._new.append(text)

    def _add_unit(self, code: int) -> None:
        """One unit of UTF-16: two that are a surrogate pair are one character."""
        if self._high is not None and 0xDC00 <= code <= 0xDFFF:
            code, self._high = 0x10000 + (self._high - 0xD800) * 0x400 + code - 0xDC00, None
        if 0xD800 <= code <= 0xDBFF:
            self._add("")
            self._high = code
        else:
            self._add(chr(code))


class JsonToken:
    """A number or a word from its first character on. Only what follows tells where it ends."""

    __slots__ = ("_pieces", "broken", "closed")

    def __init__(self, first: str) -> None:
        self.closed = False
        self.broken = False
        self._pieces = [first]

    def read(self, text: str, at: int) -> int:
        """Reads on from a place to where it ends; says how far it came."""
        run = TOKEN.match(text, at)
        if run is None:
            self.close()
            return at
        self._pieces.append(run.group())
        return run.end()

    def close(self) -> None:
        """It ends here."""
        try:
            self.value()
        except ValueError:
            self.broken = True
        self.closed = not self.broken

    def value(self) -> float | bool | None:
        return json.loads("".join(self._pieces))
