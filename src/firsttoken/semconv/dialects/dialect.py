"""What a dialect is: how its spans are told, which of their attributes is which of ours, and what is told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Attributes = Mapping[str, object]


def as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class ByWord:
    """What a word stands for; None for one that is not in the table, and for what is no word."""

    table: Mapping[str, str]

    def __call__(self, word: object) -> str | None:
        return self.table.get(word) if isinstance(word, str) else None


def listed(word: object) -> object:
    """The one word as a list."""
    return (word,) if isinstance(word, str) else None


class Moment(NamedTuple):
    """A span event."""

    name: str
    after_s: float
    """After the start of the span."""
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Sent:
    """A span as somebody sent it, as far as a dialect looks at it."""

    attributes: Attributes
    scope: str = ""
    moments: Sequence[Moment] = ()
    status_message: str = ""


class Row(NamedTuple):
    """One attribute of theirs, and ours. A converter gives None for a value that it cannot make sense of."""

    theirs: str
    current: str
    to_current: Callable[[object], object] = as_it_is


def nothing_more(_: Sent) -> dict[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to tell of a call. Where a span has the current name as well, that one stands."""

    name: str
    scopes: tuple[str, ...] = ()
    """What the names of its instrumentations begin with."""
    marks: tuple[str, ...] = ()
    """Attributes that nobody else writes. One is enough, as is a scope."""
    rows: tuple[Row, ...] = ()
    more: Callable[[Sent], Mapping[str, object]] = nothing_more
    """What no single attribute says, by current names. None takes away what the span claims."""
    first_chunk: str | None = None
    """The event that marks it."""
    content: tuple[str, ...] = ()
    """What the names of attributes begin with whose words the content has: they are not kept twice."""

    def speaks(self, sent: Sent) -> bool:
        return sent.scope.startswith(self.scopes) or any(mark in sent.attributes for mark in self.marks)
