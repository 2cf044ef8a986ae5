"""Parts of a message that are never recorded themselves, and JSON without them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from firsttoken.call.arguments import read_json
from firsttoken.call.content import Media
from firsttoken.call.opaque import bare_uri, is_data_url, sealed, tellable
from firsttoken.plain import Unread, encodable

MODALITIES: Final = {"image": "image", "audio": "audio", "video": "video"}


def modality_of(mime_type: str | None) -> str:
    """`document` for everything that is neither seen nor heard."""
    return MODALITIES.get((mime_type or "").partition("/")[0].lower(), "document")


def media_at(uri: str, modality: str | None = None, *, name: str | None = None) -> Media:
    """What is behind a URI, or inside one."""
    if not is_data_url(uri):
        return Media(modality or "document", uri=bare_uri(uri), name=name)
    head, _, data = uri[5:].partition(",")
    mime_type = head.partition(";")[0] or None
    return Media(modality or modality_of(mime_type), mime_type, sealed(data), name=name)


def media_of(data: str, mime_type: str | None, modality: str | None = None, *, name: str | None = None) -> Media:
    """What stands in the message itself, in base64."""
    if is_data_url(data):
        return media_at(data, modality, name=name)
    return Media(modality or modality_of(mime_type), mime_type, sealed(data), name=name)


def json_text(value: object) -> str:
    """Compact JSON, with nothing escaped but what has to be."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_named))


def body_of(value: object) -> str:
    """JSON of something whose parts are not known, without what is never recorded."""
    return json_text(_safe(value, ""))


def is_json(text: str) -> bool:
    """Whether it is JSON as the standard has it: without NaN, and of any depth that can be read."""
    try:
        read_json(text)
    except (ValueError, RecursionError):
        return False
    return True


def _safe(value: object, name: str) -> object:
    if isinstance(value, str):
        return _safe_text(value, name)
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, Any]", value)
        return {key: _safe(item, key) for key, item in inner.items()}
    if isinstance(value, list):
        return [_safe(item, name) for item in cast("list[Any]", value)]
    return value


def _safe_text(text: str, name: str) -> object:
    told = tellable(text, name)
    return told if isinstance(told, str) else {"size_bytes": told.size_bytes, "sha256": told.sha256}


def _named(value: object) -> str:
    return f"[{value.kind}]" if isinstance(value, Unread) else f"[{type(value).__name__}]"
