"""Anything at all -> values that JSON and OTLP carry: None, booleans, 64-bit integers, finite numbers, texts, lists and
objects of them. Never raises, runs no code of the value's own, and reads nothing that can be read only once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from firsttoken.call.bodies import Json
from firsttoken.plain import DEEPEST as DEEPEST_OF_ALL
from firsttoken.plain import Unread, encodable
from firsttoken.privacy.opening import Pairs, bases, items_of, members_of, name_of

T = TypeVar("T")

INT64: Final = range(-(2**63), 2**63)
LONGEST_INT_BITS: Final = 4096
"""Of an integer that is told by its digits."""

DEEPEST: Final = 16
"""Levels of nesting that OTLP receivers decode for certain; what is deeper travels as JSON text."""

MOST_ITEMS: Final = 1_000
"""Of one list or object; what is longer loses its middle."""

MOST_VALUES: Final = 50_000
"""In all: after so many, what is left is only told by its type."""

KEY_LIMIT: Final = 256
MOST_OF_A_KEY: Final = 8
"""Items of a tuple that is the key of a dict."""
NUL_SHOWN: Final = "\N{SYMBOL FOR NULL}"
"""Stands for a NUL, at which databases and receivers break off."""

UNREADABLE: Final = "[unreadable]"


@dataclass(slots=True)
class Encoder:
    """Encodes one value. Not for two at once."""

    most_items: int = MOST_ITEMS
    left_out: int = 0
    """How many items and members are missing in what was encoded."""
    _path: set[int] = field(default_factory=set[int], init=False)
    _values: int = field(default=MOST_VALUES, init=False)

    def encode(self, value: object, depth: int = 0) -> Json:
        try:
            return self._encode(value, depth)
        except Exception:  # noqa: BLE001  whatever a strange object does, it is told as one
            return UNREADABLE

    def _encode(self, value: object, depth: int) -> Json:
        kind = type(value)
        if value is None or kind is bool:
            return cast("bool | None", value)
        if self._values <= 0:
            return _named(name_of(kind))
        self._values -= 1
        for base in bases(kind):
            if base is Enum:
                return self.encode(object.__getattribute__(value, "_value_"), depth + 1)
            if (scalar := SCALARS.get(id(base))) is not None:
                return scalar(value)
        return self._container(value, kind, depth)

    def _container(self, value: object, kind: type, depth: int) -> Json:
        if id(value) in self._path:
            return "[cycle]"
        items = items_of(value, kind)
        members = members_of(value, kind) if items is None else None
        if depth >= DEEPEST_OF_ALL or (items is None and members is None):
            return _named(cast("Unread", value).kind if kind is Unread else name_of(kind))
        self._path.add(id(value))
        try:
            told = self._object(members or [], depth) if items is None else self._list(items, depth)
        finally:
            self._path.discard(id(value))
        return json_text(told) if depth == DEEPEST else told

    def _list(self, items: list[object], depth: int) -> Json:
        head, missing, tail = self._without_middle(items)
        mark: list[Json] = [f"[… {missing:,} items left out …]"] if missing else []
        return [*self._each(head, depth), *mark, *self._each(tail, depth)]

    def _each(self, items: Iterable[object], depth: int) -> list[Json]:
        return [self.encode(item, depth + 1) for item in items]

    def _object(self, members: Pairs, depth: int) -> Json:
        head, missing, tail = self._without_middle(members)
        told: dict[str, Json] = {_key(key): self.encode(item, depth + 1) for key, item in head}
        if missing:
            told["…"] = f"[… {missing:,} members left out …]"
        return told | {_key(key): self.encode(item, depth + 1) for key, item in tail}

    def _without_middle(self, items: list[T]) -> tuple[list[T], int, list[T]]:
        missing = len(items) - self.most_items
        if missing <= 0:
            return items, 0, []
        self.left_out += missing
        head = self.most_items - self.most_items // 2
        return items[:head], missing, items[head + missing :]


def encoded(value: object) -> Json:
    """Never raises. Long lists and objects lose their middle; texts are as long as they are."""
    return Encoder().encode(value)


def json_text(value: Json) -> str:
    """Compact JSON of what was encoded."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fit(text: str) -> str:
    """The text as it can travel: no half of a surrogate pair, no NUL."""
    text = encodable(text)
    return text.replace("\0", NUL_SHOWN) if "\0" in text else text


def sealed(data: bytes | bytearray | memoryview) -> dict[str, Json]:
    """What stands for bytes: how many, and their digest."""
    view = memoryview(data)
    content = view if view.c_contiguous else view.tobytes()
    return {"size_bytes": view.nbytes, "sha256": hashlib.sha256(content).hexdigest()}


def _named(kind: str) -> str:
    """What stands for a value that is not looked into."""
    return f"[{fit(kind)[:KEY_LIMIT]}]"


def _text(value: object) -> Json:
    return fit(str.__getitem__(cast("str", value), slice(None)))


def _integer(value: object) -> Json:
    number = int.__add__(cast("int", value), 0)
    if number in INT64:
        return number
    bits = number.bit_length()
    return str(number) if bits <= LONGEST_INT_BITS else f"[int of {bits:,} bits]"


def _number(value: object) -> Json:
    number = float.__pos__(cast("float", value))
    return number if number - number == 0 else float.__repr__(number)


def _bytes(value: object) -> Json:
    return sealed(cast("bytes", value))


def _shown(show: Callable[[Any], str]) -> Callable[[object], Json]:
    return lambda value: fit(show(value))


SCALARS: Final[dict[int, Callable[[object], Json]]] = {
    id(kind): told
    for kind, told in (
        (str, _text),
        (int, _integer),
        (float, _number),
        (bytes, _bytes),
        (bytearray, _bytes),
        (memoryview, _bytes),
        (Decimal, _shown(Decimal.__str__)),
        (datetime, _shown(datetime.isoformat)),
        (date, _shown(date.isoformat)),
        (time, _shown(time.isoformat)),
        (timedelta, _shown(timedelta.__str__)),
        (UUID, _shown(UUID.__str__)),
    )
}
"""By class or base class, the nearest first, and these by their ids: a class may answer for its own hash. Each calls
the class's own method, never what a subclass made of it."""


def _key(key: object) -> str:
    """OTLP has no empty keys."""
    text = key if type(key) is str else json_text(Encoder(most_items=MOST_OF_A_KEY).encode(key))
    if len(text) > KEY_LIMIT:
        text = f"{text[: KEY_LIMIT - 1]}…"
    return fit(text) or '""'
