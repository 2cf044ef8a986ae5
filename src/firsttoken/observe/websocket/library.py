"""What the `websockets` package tells: by the shape of its objects, so that it need not be there."""

from __future__ import annotations

import json
from typing import Any, cast

from firsttoken.providers.names import Address


def decoded(message: object) -> dict[str, Any]:
    """The JSON object that a message is; empty for any other message, which is the caller's to make sense of."""
    if not isinstance(message, str | bytes):
        return {}
    try:
        said: object = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def closed_cleanly(error: BaseException) -> bool | None:
    """Whether the socket was closed as it should be; None for an error that leaves it open."""
    names = {base.__name__ for base in type(error).__mro__}
    return "ConnectionClosedOK" in names if "ConnectionClosed" in names else None


def address_of(socket: Any) -> Address:
    """Where it was connected to."""
    protocol = getattr(socket, "protocol", None)
    uri = getattr(protocol, "uri", None) or getattr(protocol, "wsuri", None)  # The latter before version 15.
    return Address((getattr(uri, "host", None) or "").lower().rstrip("."), getattr(uri, "port", None))


def header_of(socket: Any, name: str) -> str | None:
    """A header of the answer to the request that opened it."""
    response = getattr(socket, "response", None)
    return None if response is None else response.headers.get(name)
