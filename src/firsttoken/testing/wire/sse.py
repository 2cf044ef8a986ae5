"""Server-sent events as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue

JsonObject = dict[str, JsonValue]


def data_event(data: Mapping[str, JsonValue] | str) -> bytes:
    """An event without a name, as OpenAI sends them. Text goes out as it is, such as `[DONE]`."""
    return f"data: {_as_text(data)}\n\n".encode()


def named_event(name: str, data: Mapping[str, JsonValue] | str) -> bytes:
    """An event with a name, as Anthropic sends them."""
    return f"event: {name}\ndata: {_as_text(data)}\n\n".encode()


def comment(text: str) -> bytes:
    """A line that every reader ignores; gateways send it to keep a quiet connection open."""
    return f": {text}\n\n".encode()


def json_bytes(data: Mapping[str, JsonValue]) -> bytes:
    """Compact JSON in UTF-8, nothing but its syntax escaped; half a surrogate pair becomes a question mark."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _as_text(data: Mapping[str, JsonValue] | str) -> str:
    return data if isinstance(data, str) else json_bytes(data).decode()
