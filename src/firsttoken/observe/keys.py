"""The keys that a client sends, which must not be told wherever a provider repeats them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firsttoken.guard import guarded
from firsttoken.providers.fields import mapping

OF_CLIENT: Final = (
    "api_key",
    "admin_api_key",
    "auth_token",
    "access_token",
    "aws_secret_key",
    "aws_session_token",
    "webhook_secret",
    "webhook_key",
    "_azure_ad_token",
)
"""Where the SDKs' clients hold them."""

MOST_CAUSES: Final = 10
"""Of an error that are looked at; a chain of them may be a ring."""

OF_HEADERS: Final = frozenset({"authorization", "api-key", "x-api-key", "proxy-authorization", "cookie"})
"""Headers that carry one, set on a client or on a request."""


def keys_of(client: Any, headers: object) -> tuple[str, ...]:
    """Those of a client and of one request's own headers."""
    return _keys(client, headers) or ()


def keys_behind(error: BaseException | None) -> tuple[str, ...]:
    """Those of the requests that an error and its causes came from."""
    keys = list[str]()
    for _ in range(MOST_CAUSES):
        if error is None:
            break
        keys += _of_request(error) or ()
        error = error.__cause__ or error.__context__
    return tuple(keys)


@guarded("learn which keys may not be told")
def _of_request(error: BaseException) -> tuple[str, ...]:
    return tuple(_sent(mapping(getattr(getattr(error, "request", None), "headers", None))))


@guarded("learn which keys may not be told")
def _keys(client: Any, headers: object) -> tuple[str, ...]:
    held = (getattr(client, name, None) for name in OF_CLIENT)
    custom = mapping(getattr(client, "_custom_headers", None))
    return (*(key for key in held if key and isinstance(key, str)), *_sent(custom), *_sent(mapping(headers)))


def _sent(headers: Mapping[str, object]) -> Iterator[str]:
    """The values without the word before them that says what they are."""
    for name, value in headers.items():
        if isinstance(value, str) and name.lower() in OF_HEADERS:
            yield value.rpartition(" ")[2]
