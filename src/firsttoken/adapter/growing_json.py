"""A JSON text that arrives in pieces, such as the arguments of a tool call, as the value that it says so far.

Each character is looked at once, however small the pieces are. Nothing is made up: what the text does not say yet is
not there, and a text that is no JSON is not turned into an empty object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from firsttoken.adapter.json_scalars import JsonString, JsonToken

SPACE: Final = re.compile(r"[ \t\n\r]+")

DEEPEST: Final = 200
"""How many objects and lists may be within each other. `json.loads` gives up at some depth as well."""

Path = tuple[str | int, ...]
Steps = Mapping[str, Callable[[Any, str], None]]
"""By the next character, the method of a GrowingJson that takes it."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A string of the value has become longer."""

    path: Path
    """The keys and indexes that lead to it."""
    text: str
    """What was added, with its escapes read."""


class GrowingJson:
    """Feed it each piece. Never raises: `broken` tells of a text that is no JSON.

    It takes what `json.loads` takes, down to `DEEPEST` levels, and then gives the same value.
    """

    __slots__ = ("_expected", "_is_key", "_keys", "_open", "_path", "_reading", "_top", "broken")

    def __init__(self) -> None:
        self.broken = False
        """Whether a character came that does not fit. It and what follows it are ignored."""
        self._top: list[Any] = []
        """Holds the value itself, so that this has a place as every value within it has."""
        self._open: list[dict[str, Any] | list[Any]] = [self._top]
        """The objects and lists that are not at their end, each within the one before."""
        self._keys: list[str] = []
        """Of each open object, the key whose value is read. Of a list, an empty text."""
        self._reading: JsonString | JsonToken | None = None
        self._is_key = False
        """Whether the string that is read is a key."""
        self._path: Path = ()
        """Where the string that is read is, if it is a value."""
        self._expected: Steps = self.VALUE

    def feed(self, text: str) -> list[Grown]:
        """Takes the next piece; returns by what the strings of the value have grown."""
        grown: list[Grown] = []
        at, end = 0, len(text)
        while at < end and not self.broken:
            if self._reading is not None:
                at = self._reading.read(text, at)
                self._read(self._reading, grown)
            elif space := SPACE.match(text, at):
                at = space.end()
            elif begin := self._expected.get(text[at]):
                begin(self, text[at])
                at += 1
            else:
                self.broken = True
        return grown

    def end(self) -> bool:
        """Says that no more will come, so that a number at the very end is one. Returns whether it was a JSON text."""
        if isinstance(self._reading, JsonToken):
            self._reading.close()
            self._read(self._reading, [])
        return self.complete

    @property
    def complete(self) -> bool:
        """Whether the value has come to its end."""
        return not self.broken and self._expected is self.NOTHING

    @property
    def value(self) -> Any:
        """What the text says so far; None where it says nothing yet.

        Its objects and lists are the ones that grow. A key shows with its value, and a number when its last digit has
        come. A string that still grows is put together when this is read: to follow a long one, use what `feed` gives.
        """
        if isinstance(self._reading, JsonString) and not self._is_key:
            self._replace(self._reading.value())
        return self._top[0] if self._top else None

    def _read(self, reading: JsonString | JsonToken, grown: list[Grown]) -> None:
        """Takes over what was read of a string, a number or a word."""
        self.broken = reading.broken
        if isinstance(reading, JsonString) and (text := reading.take()) and not self._is_key:
            grown.append(Grown(self._path, text))
        if not reading.closed:
            return
        self._reading = None
        if isinstance(reading, JsonToken):
            self._put(reading.value())
        elif self._is_key:
            self._keys[-1] = reading.value()
            self._expected = self.COLON
            return
        else:
            self._replace(reading.value())
        self._expect_more()

    def _put(self, value: Any) -> None:
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            container[self._keys[-1]] = value

    def _replace(self, value: str) -> None:
        container = self._open[-1]
        container[-1 if isinstance(container, list) else self._keys[-1]] = value  # type: ignore[index]

    def _expect_more(self) -> None:
        """After a value, of what it is within."""
        container = self._open[-1]
        if container is self._top:
            self._expected = self.NOTHING
        else:
            self._expected = self.ITEMS if isinstance(container, list) else self.MEMBERS

    def _begin_string(self, char: str) -> None:
        del char
        self._put("")
        containers = zip(self._open[1:], self._keys, strict=True)
        self._path = tuple(len(inner) - 1 if isinstance(inner, list) else key for inner, key in containers)
        self._reading, self._is_key = JsonString(), False

    def _begin_key(self, char: str) -> None:
        del char
        self._reading, self._is_key = JsonString(), True

    def _begin_token(self, char: str) -> None:
        self._reading = JsonToken(char)

    def _begin_container(self, char: str) -> None:
        inner: dict[str, Any] | list[Any] = {} if char == "{" else []
        self._put(inner)
        self._open.append(inner)
        self._keys.append("")
        self._expected = self.FIRST_MEMBER if char == "{" else self.FIRST_ITEM
        self.broken = len(self._keys) > DEEPEST

    def _end_container(self, char: str) -> None:
        del char
        self._open.pop()
        self._keys.pop()
        self._expect_more()

    def _next(self, char: str) -> None:
        """After a colon or a comma."""
        self._expected = self.KEY if char == "," and isinstance(self._open[-1], dict) else self.VALUE

    # What may come next.
    VALUE: ClassVar[Steps] = {
        '"': _begin_string,
        "{": _begin_container,
        "[": _begin_container,
        **dict.fromkeys("-0123456789tfnNI", _begin_token),
    }
    KEY: ClassVar[Steps] = {'"': _begin_key}
    FIRST_ITEM: ClassVar[Steps] = {**VALUE, "]": _end_container}
    FIRST_MEMBER: ClassVar[Steps] = {**KEY, "}": _end_container}
    COLON: ClassVar[Steps] = {":": _next}
    ITEMS: ClassVar[Steps] = {",": _next, "]": _end_container}
    MEMBERS: ClassVar[Steps] = {",": _next, "}": _end_container}
    NOTHING: ClassVar[Steps] = {}
