"""What is never recorded itself: pictures, sounds, files and encrypted texts become their size and digest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit, urlunsplit

from firsttoken.call.content import Media, Sealed
from firsttoken.plain import Unread, encodable

LONG_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\-]{256,}={0,2}\s*")
"""A text that nobody has written."""

OPAQUE: Final = frozenset({"data", "encrypted_content", "encrypted_index", "b64_json", "file_data", "signature"})
"""Members that hold such texts in every API, however short."""

WEB_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)

MODALITIES: Final = {"image": "image", "audio": "audio", "video": "video"}
URI_LIMIT: Final = 2_048


def sealed(data: str) -> Sealed:
    """Of the bytes that base64 stands for, or of the text itself where it is none."""
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        content = data.encode("utf-8", "replace")
    return Sealed(len(content), hashlib.sha256(content).hexdigest())


def sealed_text(text: str) -> Sealed:
    """Of an encrypted text, as it is carried."""
    content = text.encode("utf-8", "replace")
    return Sealed(len(content), hashlib.sha256(content).hexdigest())


def bare_uri(uri: str) -> str:
    """Without what may be a secret: query, fragment and user. Empty for a `data:` URL and for what is none."""
    if uri[:5].lower() == "data:":
        return ""
    try:
        scheme, host, path, _, _ = urlsplit(uri)
    except ValueError:
        return ""
    return encodable(urlunsplit((scheme, host.rpartition("@")[2], path, "", "")))[:URI_LIMIT]


def modality_of(mime_type: str | None) -> str:
    """`document` for everything that is neither seen nor heard."""
    return MODALITIES.get((mime_type or "").partition("/")[0].lower(), "document")


def media_at(uri: str, modality: str | None = None, *, name: str | None = None) -> Media:
    """What is behind a URI, or inside one."""
    if uri[:5].lower() != "data:":
        return Media(modality or "document", uri=bare_uri(uri), name=name)
    head, _, data = uri[5:].partition(",")
    mime_type = head.partition(";")[0] or None
    return Media(modality or modality_of(mime_type), mime_type, sealed(data), name=name)


def media_of(data: str, mime_type: str | None, modality: str | None = None, *, name: str | None = None) -> Media:
    """What stands in the message itself, in base64."""
    if data[:5].lower() == "data:":
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
        json.loads(text, parse_constant=_refuse)
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
    if name in OPAQUE or text[:5].lower() == "data:" or LONG_BASE64.fullmatch(text):
        seal = sealed(text.partition(",")[2] if text[:5].lower() == "data:" else text)
        return {"size_bytes": seal.size_bytes, "sha256": seal.sha256}
    return bare_uri(text) if WEB_ADDRESS.fullmatch(text) else text


def _named(value: object) -> str:
    return f"[{value.kind}]" if isinstance(value, Unread) else f"[{type(value).__name__}]"


def _refuse(constant: str) -> float:
    raise ValueError(constant)
