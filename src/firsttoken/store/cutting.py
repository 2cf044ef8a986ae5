"""What was said, taken out of the JSON that it stands in, and put back: pure texts, no store.

A piece leaves its two outermost characters where it stood, `{}` or `""`, so that what is left is JSON of the same form.
That a row was cut is told beside the text and never in it: whatever a sender writes, it is put back as it came.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES

LEAST: Final = 256
"""Characters. A shorter piece would save nothing."""
HULL: Final = 2
"""Characters that stay where a piece was."""
SAID: Final = "|".join(map(re.escape, CONTENT_ATTRIBUTES))
NAME: Final = re.compile(rf'(?<!\\)"(?:{SAID})"\s*:\s*')
"""As a name of JSON: inside a text a quotation mark has a backslash before it."""
BETWEEN: Final = re.compile(r"[\s,]*")
TEXT: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
"""A text of JSON, or a name in it, which a colon follows."""
COLON: Final = re.compile(r"\s*:")
DECODER: Final = json.JSONDecoder()
ENCODER: Final = json.JSONEncoder(ensure_ascii=False)


class Piece(NamedTuple):
    """Something to take out."""

    start: int
    end: int
    text: str
    quoted: bool
    """It is part of a JSON text that stands in a text of JSON, as spans have it."""


class Cut(NamedTuple):
    """Something that was taken out."""

    place: int
    """In what is left."""
    digest: str
    quoted: bool


def cut_text(text: str, find: Callable[[str], Iterable[Piece]]) -> tuple[str, list[Cut], dict[str, str]]:
    """What is left, what was cut out of it in the order of its places, and the pieces by digest."""
    left: list[str] = []
    cuts: list[Cut] = []
    pieces: dict[str, str] = {}
    taken, at = 0, 0
    for piece in find(text):
        digest = digest_of(piece.text)
        pieces[digest] = piece.text
        hull = piece.text[0] + piece.text[-1]
        left += (text[at : piece.start], hull)
        cuts.append(Cut(piece.start - taken, digest, piece.quoted))
        taken += piece.end - piece.start - HULL
        at = piece.end
    return "".join((*left, text[at:])), cuts, pieces


def put_back(left: str, cuts: Iterable[Cut], pieces: Mapping[str, str]) -> str:
    """The text as it was. Raises KeyError for a piece that is missing."""
    whole: list[str] = []
    at = 0
    for cut in cuts:
        piece = pieces[cut.digest]
        whole += (left[at : cut.place], _quoted(piece) if cut.quoted else piece)
        at = cut.place + HULL
    return "".join((*whole, left[at:]))


def digest_of(piece: str) -> str:
    return hashlib.sha256(piece.encode()).hexdigest()


def messages_in(text: str) -> Iterator[Piece]:
    """The messages, tools and instructions under the names that the conventions have for content."""
    at = 0
    while (found := NAME.search(text, at)) is not None:
        pieces, at = _said_at(text, found.end())
        yield from pieces


def texts_in(text: str) -> Iterator[Piece]:
    """Every long text of any JSON that is no name in it."""
    for found in TEXT.finditer(text):
        start, end = found.span()
        if end - start > LEAST and not COLON.match(text, end):
            yield Piece(start, end, found[0], quoted=False)


def said_in_body(text: str) -> Sequence[Piece]:
    """In the body of a log record: messages, else the long texts, as of a request on its wire."""
    return list(messages_in(text)) or list(texts_in(text))


def _said_at(text: str, start: int) -> tuple[list[Piece], int]:
    """The pieces of the value that starts there, and where to look on: none of what cannot be told apart."""
    try:
        match text[start : start + 1]:
            case "[":
                places, end = _objects(text, start)
                return [Piece(first, last, text[first:last], quoted=False) for first, last in places], end
            case '"':
                value, end = DECODER.raw_decode(text, start)
                whole = [Piece(start, end, text[start:end], quoted=False)] if end - start > LEAST else []
                return _quoted_pieces(text, start + 1, value) or whole, end
            case _:
                return [], start
    except (ValueError, RecursionError):
        return [], start


def _quoted_pieces(text: str, start: int, value: str) -> list[Piece]:
    """Of a list as JSON text; none where it is no such list, or was quoted in another way than ours."""
    try:
        places, _ = _objects(value, 0)
    except (ValueError, RecursionError):
        return []
    pieces: list[Piece] = []
    at, here = 0, start
    for first, last in places:
        here += len(_quoted(value[at:first]))
        quoted = _quoted(value[first:last])
        if not text.startswith(quoted, here):
            return []
        pieces.append(Piece(here, here + len(quoted), value[first:last], quoted=True))
        at, here = last, here + len(quoted)
    return pieces


def _objects(text: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """The places of the long objects of the list that starts there, and its end. Raises ValueError for what is none."""
    if text[start : start + 1] != "[":
        raise ValueError("no list")
    found: list[tuple[int, int]] = []
    at = _after_gap(text, start + 1)
    while text[at : at + 1] != "]":
        _, end = DECODER.raw_decode(text, at)
        if text[at] == "{" and end - at > LEAST:
            found.append((at, end))
        at = _after_gap(text, end)
    return found, at + 1


def _after_gap(text: str, at: int) -> int:
    found = BETWEEN.match(text, at)
    return at if found is None else found.end()


def _quoted(piece: str) -> str:
    return ENCODER.encode(piece)[1:-1]
