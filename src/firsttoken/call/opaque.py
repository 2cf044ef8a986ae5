"""What is never told itself: pictures, sounds, files and encrypted texts become their size and digest, and of a web
address only what is no secret is left.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from firsttoken.call.content import Sealed
from firsttoken.plain import encodable

LONG_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\-]{256,}={0,2}\s*")
"""A text that nobody has written."""

OPAQUE: Final = frozenset({"data", "encrypted_content", "encrypted_index", "b64_json", "file_data", "signature"})
"""Members that hold such texts in every API, however short."""

WEB_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)
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
    if is_data_url(uri):
        return ""
    try:
        scheme, host, path, _, _ = urlsplit(uri)
    except ValueError:
        return ""
    return encodable(urlunsplit((scheme, host.rpartition("@")[2], path, "", "")))[:URI_LIMIT]


def is_data_url(text: str) -> bool:
    return text[:5].lower() == "data:"


def tellable(text: str, name: str) -> str | Sealed:
    """What may be told of a text that stands under this name somewhere in a body."""
    if is_data_url(text):
        return sealed(text.partition(",")[2])
    if name in OPAQUE or LONG_BASE64.fullmatch(text):
        return sealed(text)
    return bare_uri(text) if WEB_ADDRESS.fullmatch(text) else text
