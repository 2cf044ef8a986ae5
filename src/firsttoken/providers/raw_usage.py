"""A provider's usage object, kept as it was told: it may hold counts that we do not know yet."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from firsttoken.plain import Unread, plain
from firsttoken.providers.fields import JsonObject, members

LONGEST: Final = 8192
"""A longer text is left out whole: half a JSON document is none."""


def raw_usage(*told: object) -> str | None:
    """The usage as JSON text in ASCII, its members in the order of the alphabet, for an SDK has an order of its own.

    Where it was told several times, each member is as it was last told.
    """
    whole: dict[str, Any] = {}
    for usage in told:
        for name, value in _members(usage).items():
            if value is not None or name not in whole:
                whole[name] = value
    text = json.dumps(whole, separators=(",", ":"), sort_keys=True, default=_kind) if whole else ""
    return text if 0 < len(text) <= LONGEST else None


def _members(usage: object) -> dict[str, Any]:
    said = plain(members(usage) if isinstance(usage, JsonObject) else usage)
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _kind(value: Unread) -> str:
    return f"({value.kind})"
