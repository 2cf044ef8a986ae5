"""Parts of a message as both of OpenAI's wires say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from firsttoken.call.content import Part, Refusal, Unknown
from firsttoken.providers.fields import get, text
from firsttoken.providers.sealing import body_of, media_of

Json = Mapping[str, Any]
PartReader = Callable[[Json], Part | None]
"""Gives None for a part that is not as it should be."""


def read_part(part: Json, readers: Mapping[str, PartReader]) -> Part:
    """By the reader for its type; what none can read is kept as it is."""
    kind = text(part.get("type")) or "unknown"
    read = readers.get(kind)
    return (read and read(part)) or Unknown(kind, body_of(part))


def refusal(part: Json) -> Part | None:
    said = text(part.get("refusal"))
    return Refusal(said) if said else None


def audio(part: Json) -> Part | None:
    data, form = text(get(part, "input_audio", "data")), text(get(part, "input_audio", "format"))
    return media_of(data, f"audio/{form}" if form else None, "audio") if data else None
