"""Where a ClickHouse server is and who asks it, read from one URL. A password is never part of a message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NewType, TypeGuard
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from firsttoken.errors import StoreError

StoreUrl = NewType("StoreUrl", str)
"""A URL that `is_address` takes. It may have a password in it."""

SCHEMES: Final = {"clickhouse": False, "clickhouses": True}
"""Whether the connection is encrypted."""
PORTS: Final = {False: 8123, True: 8443}
PASSWORD_VARIABLE: Final = "FIRSTTOKEN_CLICKHOUSE_PASSWORD"  # noqa: S105  a name
FORM: Final = "clickhouse://user@host:8123/database, or clickhouses:// for TLS"
FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Address:
    """One database of one server, and the user who asks."""

    host: str
    port: int
    database: str = "default"
    user: str = "default"
    password: str = field(default="", repr=False)
    is_secure: bool = False

    @property
    def name(self) -> str:
        """The URL without the password."""
        scheme = "clickhouses" if self.is_secure else "clickhouse"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{self.user}@{host}:{self.port}/{self.database}"


def is_address(text: str) -> TypeGuard[StoreUrl]:
    """Whether a store is named by a URL of ours rather than by a path."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse_address(url: str, environment: Mapping[str, str] = os.environ) -> Address:
    """Raises StoreError for a URL that names no server. A password in the URL goes before the variable's."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError as error:
        raise _unreadable(url) from error
    if not host:
        raise _unreadable(url)
    is_secure = _is_secure(url, parts)
    return Address(
        host=host,
        port=port or PORTS[is_secure],
        database=unquote(parts.path.strip("/")) or "default",
        user=unquote(parts.username or "") or "default",
        password=environment.get(PASSWORD_VARIABLE, "") if parts.password is None else unquote(parts.password),
        is_secure=is_secure,
    )


def without_password(url: str) -> str:
    """For messages. What stands between the first colon of the authority and its last `@` may be one."""
    return re.sub(r"(?<=://)([^/:@]*):.*@", r"\1@", url, flags=re.DOTALL)


def _is_secure(url: str, parts: SplitResult) -> bool:
    is_secure = SCHEMES[parts.scheme]
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "secure" or value.lower() not in FLAGS:
            raise StoreError(f"{without_password(url)} has an option that is not known: there is secure=true alone")
        is_secure = FLAGS[value.lower()]
    return is_secure


def _unreadable(url: str) -> StoreError:
    return StoreError(f"{without_password(url)} names no ClickHouse server: write {FORM}")
