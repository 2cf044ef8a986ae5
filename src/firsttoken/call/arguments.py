"""The arguments of a tool call, as whoever runs the tool needs them. The text that the model wrote stays as it is."""

from __future__ import annotations

import json
from typing import Any, cast


def read_json(text: str) -> Any:
    """JSON as the standard has it: without NaN. Raises ValueError, and RecursionError for what is too deep to read."""
    return json.loads(text, parse_constant=_refuse)


def as_object(arguments: str) -> dict[str, Any] | None:
    """The object that they are, empty where nothing was written; None where they are none. Mends nothing."""
    try:
        value: object = read_json(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
