"""Standard output for rows of telemetry: as they are in a file or a pipe, and harmless on a terminal."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from firsttoken.cli.plain import plain

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Texts(Protocol):
    """Where text is written."""

    def write(self, text: str, /) -> object: ...


def text_output() -> Texts:
    return _ShownTexts() if sys.stdout.isatty() else sys.stdout


def bytes_output() -> BinaryIO:
    """Of UTF-8."""
    return cast("BinaryIO", _ShownBytes()) if sys.stdout.isatty() else sys.stdout.buffer


def _shown(text: str) -> str:
    """What would move a cursor or turn a line around stands there as an escape; lines end as they did."""
    return "\n".join(map(plain, text.split("\n")))


class _ShownTexts:
    def write(self, text: str, /) -> object:
        return sys.stdout.write(_shown(text))


class _ShownBytes(io.RawIOBase):
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        given = bytes(data)
        sys.stdout.write(_shown(self._decoder.decode(given)))
        return len(given)
