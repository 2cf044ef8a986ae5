"""Texts of ClickHouse's SQL: literals, and the values of the Collector's map of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

SPAN: Final = "SpanAttributes"
RESOURCE: Final = "ResourceAttributes"


def quoted(text: str) -> str:
    """A ClickHouse literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(texts: Iterable[str]) -> str:
    """Literals side by side."""
    return ", ".join(map(quoted, texts))


def named(attribute: str, of: str = SPAN) -> str:
    """The text of an attribute; NULL where it is not there."""
    return f"if(mapContains({of}, {quoted(attribute)}), {of}[{quoted(attribute)}], NULL)"


def is_named(*attributes: str) -> str:
    """Whether one of the attributes is there."""
    return "(" + " OR ".join(f"mapContains({SPAN}, {quoted(name)})" for name in attributes) + ")"


def meaning(word: str, table: Mapping[str, str], otherwise: str = "''") -> str:
    """What a word stands for; NULL where `otherwise` is an empty text, as it is for a word that is not in the table."""
    of_word = f"transform(ifNull({word}, ''), [{listed(table)}], [{listed(table.values())}], {otherwise})"
    return f"nullIf({of_word}, '')"


def first_of(texts: Iterable[str]) -> str:
    """The first that is not NULL."""
    found = list(texts)
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def first_with_words(*attributes: str) -> str:
    """The first of the attributes that has a text in it."""
    return first_of(f"nullIf({named(name)}, '')" for name in attributes)


def word_at(json: str, *path: str) -> str:
    """A member of a JSON text; NULL where there is no text."""
    where = f"{json}, {listed(path)}"
    return f"if(JSONType({where}) = 'String', JSONExtractString({where}), NULL)"


def value_at(json: str, *path: str) -> str:
    """A member of a JSON text that is a number or a flag, as a text."""
    where = f"{json}, {listed(path)}"
    return f"if(JSONType({where}) IN ('String', 'Null'), NULL, JSONExtractRaw({where}))"
