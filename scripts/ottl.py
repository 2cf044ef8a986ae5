"""Statements of the Collector's transform processor, as text that a configuration can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable


def quoted(text: str) -> str:
    """A text of OTTL. What a Collector would take for a variable is escaped."""
    return json.dumps(text, ensure_ascii=False).replace("$", "$$")


def listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def one_of(words: Iterable[str]) -> str:
    """The pattern of any of them."""
    return "|".join(re.escape(word).replace(r"\-", "-") for word in sorted(words))


def both(*conditions: str) -> str:
    """All of those that there are."""
    return " and ".join(condition for condition in conditions if condition)


def either(*conditions: str) -> str:
    return f"({' or '.join(conditions)})" if len(conditions) > 1 else "".join(conditions)


def setting(target: str, value: str, *conditions: str) -> str:
    where = both(*conditions)
    return f"set({target}, {value})" + (f" where {where}" if where else "")


def group(comment: str, statements: Iterable[str], *conditions: str) -> str:
    """One group of statements, six columns in. It is done where one of the conditions holds."""
    lines = [f"      # {line}" for line in comment.splitlines()]
    first = "- "
    if conditions:
        lines += [f"      {first}conditions:", *(f"          - {scalar(each)}" for each in conditions)]
        first = "  "
    lines += [f"      {first}statements:", *(f"          - {scalar(each)}" for each in statements)]
    return "\n".join(lines)


def scalar(text: str) -> str:
    """A text of YAML that no character of OTTL disturbs."""
    return "'" + text.replace("'", "''") + "'"
