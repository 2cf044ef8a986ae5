"""Server-sent events, or lines of JSON, out of the bytes of a body, whichever way they are cut.

Source: HTML standard, "Server-sent events", section on interpreting an event stream.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

LINE_END: Final = re.compile(rb"\r\n|\r|\n")
LONGEST_EVENT: Final = 64 * 1024 * 1024
"""What a longer one says is not read. Its bytes reach the caller like any others."""

GZIP_OR_ZLIB: Final = 47
"""Window bits with which zlib tells the two apart."""

Decode = Callable[[bytes], bytes]


class Event(NamedTuple):
    """`data` is decoded JSON."""

    name: str
    data: object


def event_reader(headers: Mapping[str, str], *, of_lines: bool = False) -> EventReader | None:
    """None for a body that is no event stream, or is packed in a way that only the HTTP client can undo."""
    if not of_lines and not headers.get("content-type", "").startswith("text/event-stream"):
        return None
    reader = LineReader if of_lines else EventReader
    match headers.get("content-encoding", "identity").lower():
        case "identity":
            return reader(bytes)
        case "gzip" | "x-gzip" | "deflate":
            return reader(zlib.decompressobj(GZIP_OR_ZLIB).decompress)
        case _:
            return None


class EventReader:
    """Takes the bytes in as they come. It holds no more than the event that is under way."""

    __slots__ = ("_data", "_decode", "_ends_in_return", "_line", "_name", "_size")

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._line: list[bytes] = []
        self._ends_in_return = False
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[Event]:
        """The events that end in this piece. One whose data is not JSON, such as `[DONE]`, is none."""
        piece = self._decode(piece)
        if self._ends_in_return and piece.startswith(b"\n"):
            piece = piece[1:]
        elif not piece:
            return []
        self._ends_in_return = piece.endswith(b"\r")
        first, *others = LINE_END.split(piece)
        self._hold(self._line, first)
        found: list[Event] = []
        for following in others:
            event = self._take(b"".join(self._line))
            if event is not None:
                found.append(event)
            self._line.clear()
            self._hold(self._line, following)
        return found

    def rest(self) -> list[Event]:
        """What the end of the body ends: nothing, for an event ends with a blank line."""
        return []

    def _hold(self, where: list[bytes], what: bytes) -> None:
        self._size += len(what)
        if self._size <= LONGEST_EVENT:
            where.append(what)

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._end()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value
        return None

    def _end(self) -> Event | None:
        name, data, size = self._name, b"\n".join(self._data), self._size
        self._name, self._size = b"", 0
        self._data.clear()
        if not data or size > LONGEST_EVENT:
            return None
        try:
            return Event(name.decode(), json.loads(data))
        except (ValueError, RecursionError):
            return None


class LineReader(EventReader):
    """The same of lines of JSON: each is an event without a name, the last one also without its line end."""

    __slots__ = ()

    def rest(self) -> list[Event]:
        event = self._take(b"".join(self._line))
        self._line.clear()
        return [] if event is None else [event]

    def _take(self, line: bytes) -> Event | None:
        self._data.append(line)
        return self._end()
