"""What a provider says that is newer than we are. It is passed on as it is; here it is only given a name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final, cast

from firsttoken.plain import encodable
from firsttoken.providers.fields import JsonObject, members

LONGEST_WORD: Final = 48

MOST_UNKNOWN: Final = 16
"""So many unknown things of one stream are told apart."""

NONE: Final[frozenset[str]] = frozenset()


def novelties(kind: str, words: Iterable[object], known: Container[object]) -> frozenset[str]:
    """`kind word` for each word that is not known. What is no word at all is named by its type."""
    return frozenset(f"{kind} {named(word)}" for word in words if not (isinstance(word, str) and word in known))


def names_in(value: object) -> list[str]:
    """The names of the members that say something, of an SDK's object or of decoded JSON."""
    if isinstance(value, JsonObject):
        value = members(value)
    if isinstance(value, Mapping):
        found = dict(cast("Mapping[str, object]", value))
    else:
        extra = cast("dict[str, object]", getattr(value, "model_extra", None) or {})
        found = {**cast("dict[str, object]", getattr(value, "__dict__", {})), **extra}
    return [name for name, member in found.items() if member is not None]


def named(word: object) -> str:
    """The word, cut where it is too long to be one; what is no word at all is named by its type."""
    return encodable(word)[:LONGEST_WORD] if isinstance(word, str) else f"({type(word).__name__})"
