"""A body without its words: who speaks, in parts of which kind, how long each is, which tools, which parameters.

It goes by what is known to be harmless. Whatever stands under any other name is told by its size alone, and its own
names with it: they may be the application's.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from firsttoken.call.bodies import Json
from firsttoken.call.cutting import size_of

WORDS: Final = frozenset(
    {
        "call_id",
        "detail",
        "effort",
        "encoding_format",
        "finish_reason",
        "format",
        "id",
        "incomplete_details",
        "media_type",
        "mime_type",
        "model",
        "native_finish_reason",
        "object",
        "phase",
        "previous_response_id",
        "prompt_cache_retention",
        "reason",
        "reasoning_effort",
        "role",
        "service_tier",
        "status",
        "stop_reason",
        "tool_call_id",
        "tool_choice",
        "tool_use_id",
        "truncation",
        "type",
        "verbosity",
    }
)
"""Members whose texts are words of the API or ids."""

NAMED: Final = frozenset({"function", "tool_choice", "tools"})
"""Members inside which a `name` is that of a tool."""

NAMED_KINDS: Final = frozenset(
    {"function_call", "custom_tool_call", "mcp_call", "mcp_tool_use", "server_tool_use", "tool_use"}
)
"""Types of objects whose `name` is likewise."""

OBJECTS: Final = frozenset(
    {
        "audio",
        "cache_control",
        "cache_creation",
        "choices",
        "completion_tokens_details",
        "content",
        "context_management",
        "file",
        "function",
        "image_url",
        "incomplete_details",
        "input_audio",
        "input_tokens_details",
        "message",
        "messages",
        "output_config",
        "output_tokens_details",
        "prompt_tokens_details",
        "reasoning",
        "reasoning_details",
        "response_format",
        "server_tool_use",
        "source",
        "stream_options",
        "summary",
        "system",
        "thinking",
        "tool_calls",
        "tool_choice",
        "tools",
        "usage",
    }
)
"""Members that are looked into wherever they stand: objects of the API, and lists of them."""

OBJECTS_AT_THE_TOP: Final = frozenset({"data", "input", "output", "text"})
"""And those that are such only there: elsewhere an `input` is what a tool is given."""

WORD: Final = re.compile(r"[\w.:@/\-]{1,128}")
API_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")


def shape(body: Json) -> Json:
    """Of what was encoded. Numbers and booleans of the API are in it; no text of the application's, and no digest."""
    if isinstance(body, dict):
        return {
            name: _member(name, value, OBJECTS | OBJECTS_AT_THE_TOP) for name, value in body.items() if _known(name)
        }
    return _sized(body)


def _known(name: str) -> bool:
    return API_NAME.fullmatch(name) is not None


def _member(name: str, value: Json, objects: Collection[str], kind: str = "") -> Json:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if _may_be_told(name, kind) and WORD.fullmatch(value) else _sized(value)
    if name not in objects:
        return _sized(value)
    if isinstance(value, dict):
        return _object(name, value)
    if any(isinstance(item, dict) for item in value):
        return [_object(name, item) if isinstance(item, dict) else _sized(item) for item in value]
    return _sized(value)


def _object(name: str, value: dict[str, Json]) -> Json:
    kind = name if name in NAMED else str(value.get("type", ""))
    return {inner: _member(inner, item, OBJECTS, kind) for inner, item in value.items() if _known(inner)}


def _may_be_told(name: str, kind: str) -> bool:
    return name in WORDS or (name == "name" and (kind in NAMED or kind in NAMED_KINDS))


def _sized(value: Json) -> Json:
    """What stands for everything else: how long its texts are together, and how many items a list has."""
    items: dict[str, Json] = {"items": len(value)} if isinstance(value, list) else {}
    return {"bytes": _bytes(value), **items}


def _bytes(value: Json) -> int:
    if isinstance(value, str):
        return size_of(value)
    if isinstance(value, list):
        return sum(_bytes(item) for item in value)
    return sum(_bytes(item) for item in value.values()) if isinstance(value, dict) else 0
