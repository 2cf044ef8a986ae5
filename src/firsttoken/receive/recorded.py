"""Files of OTLP JSON lines, as the Collector's file exporter writes them: one request of one signal on each line."""

from __future__ import annotations

import gzip
import re
import time
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from pydantic_core import from_json

from firsttoken.errors import BrokenLineError, ImportingError
from firsttoken.receive.decoded import Decoded, Delivery
from firsttoken.receive.encodings import JSON, fill_from_json
from firsttoken.receive.pieces import Request
from firsttoken.receive.refusal import RefusalError
from firsttoken.receive.signals import SIGNALS, Signal

MEMBERS: Final = {"resourceSpans": SIGNALS[0], "resourceMetrics": SIGNALS[1], "resourceLogs": SIGNALS[2]}
"""What a request of each signal consists of."""
FIRST_MEMBER: Final = re.compile(rb'\s*\{\s*"(\w+)"\s*:')
ENDS_EARLY: Final = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    path: Path
    number: int
    text: bytes

    def read(self) -> Decoded:
        """What it holds. Raises BrokenLineError where it is no OTLP, or has an item that cannot be kept."""
        signal = self._signal()
        try:
            decoded = signal.read(Delivery(self.text, time.time_ns()), fill_from_json)
        except RefusalError as error:
            raise self._broken(error.message) from error
        if decoded.refused:
            why = "; ".join(f"{count} x {reason}" for reason, count in decoded.refused.items())
            raise self._broken(f"{signal.items.replace('_', ' ')} that cannot be kept: {why}")
        return decoded

    def requests(self) -> tuple[Request, ...]:
        """The same for a server."""
        return (Request(self._signal().path, JSON.content_type, self.text),)

    def _signal(self) -> Signal[Any]:
        found = FIRST_MEMBER.match(self.text)
        signal = None if found is None else MEMBERS.get(found[1].decode())
        return self._told_signal() if signal is None else signal

    def _told_signal(self) -> Signal[Any]:
        """Of a line whose first member is another, or which is no OTLP at all."""
        try:
            document: object = from_json(self.text)
        except ValueError as error:
            raise self._broken(f"no JSON: {error}") from error
        names = cast("dict[str, object]", document) if isinstance(document, dict) else {}
        for name, signal in MEMBERS.items():
            if name in names:
                return signal
        raise self._broken(f"no OTLP: it has none of {', '.join(MEMBERS)}")

    def _broken(self, why: str) -> BrokenLineError:
        return BrokenLineError(f"{self.path}, line {self.number}: {why}")


@contextmanager
def lines_of(path: Path) -> Generator[Iterator[Line]]:
    """Those that are not empty. Raises ImportingError, while they are read too, for a file that cannot be read."""
    try:
        with _opened(path) as file:
            yield _lines(path, file)
    except OSError as error:
        raise ImportingError(f"{path} cannot be read ({error.strerror or error}): name another file") from error


def _lines(path: Path, file: BinaryIO) -> Iterator[Line]:
    number = 0
    try:
        for number, text in enumerate(file, start=1):
            if text.strip():
                yield Line(path, number, text)
    except (*ENDS_EARLY, OSError) as error:
        place = f" after line {number}" if number else ""
        raise ImportingError(f"{path} is damaged{place} ({error}): write it anew, or unpack what is whole") from error


def _opened(path: Path) -> BinaryIO:
    match path.suffix.lower():
        case ".gz":
            return cast("BinaryIO", gzip.open(path))
        case ".zst" | ".zstd":
            return _zstandard(path)
        case _:
            return path.open("rb")


def _zstandard(path: Path) -> BinaryIO:
    import io

    import pyarrow as pa

    raw: Any = pa.CompressedInputStream(pa.OSFile(str(path), "r"), "zstd")
    return cast("BinaryIO", io.BufferedReader(raw))
