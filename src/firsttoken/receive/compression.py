"""Compressed request bodies, unpacked without ever making more than the limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final

from firsttoken.receive.refusal import MALFORMED, TOO_LARGE, UNKNOWN_TYPE, RefusalError

GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
ZLIB_WINDOW: Final = zlib.MAX_WBITS
RAW_WINDOW: Final = -zlib.MAX_WBITS


def unpacked(body: bytes, content_encoding: str, limit_bytes: int) -> bytes:
    """The body as its sender meant it. Raises RefusalError for an unknown encoding, damage, and more than the limit."""
    try:
        unpack = _UNPACK[content_encoding.strip().lower()]
    except KeyError:
        message = f"content encoding {content_encoding!r} is not known here: send gzip, deflate or identity"
        raise RefusalError(UNKNOWN_TYPE, message) from None
    try:
        return unpack(body, limit_bytes)
    except zlib.error as error:
        raise RefusalError(MALFORMED, f"the body is not valid {content_encoding}: {error}") from error


def too_large(limit_bytes: int) -> RefusalError:
    return RefusalError(TOO_LARGE, f"the request is larger than {limit_bytes} bytes: send smaller batches")


def _identity(body: bytes, limit_bytes: int) -> bytes:
    if len(body) > limit_bytes:
        raise too_large(limit_bytes)
    return body


def _gzip(body: bytes, limit_bytes: int) -> bytes:
    """A gzip file may hold several members, one after the other."""
    unpacked_body = bytearray()
    while body:
        member, body = _inflated(body, GZIP_WINDOW, limit_bytes - len(unpacked_body))
        unpacked_body += member
    return bytes(unpacked_body)


def _deflate(body: bytes, limit_bytes: int) -> bytes:
    """Most senders wrap it in zlib's header, as the standard says; some send it raw."""
    has_header = len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflated(body, ZLIB_WINDOW if has_header else RAW_WINDOW, limit_bytes)[0]


def _inflated(body: bytes, window: int, limit_bytes: int) -> tuple[bytes, bytes]:
    """One stream unpacked, and what follows it."""
    stream = zlib.decompressobj(window)
    data = stream.decompress(body, limit_bytes + 1)
    if len(data) > limit_bytes:
        raise too_large(limit_bytes)
    if not stream.eof:
        raise zlib.error("it ends too early")
    return data, stream.unused_data


_UNPACK: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
}
