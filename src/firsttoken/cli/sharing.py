"""A page that other machines may open: where it listens, and the token that lets them in."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import click

from firsttoken.access import THIS_MACHINE, VARIABLE, Access, Token
from firsttoken.hosts import is_address, is_loopback
from firsttoken.receive.ports import EVERYWHERE

if TYPE_CHECKING:
    from firsttoken.serve import ServeSettings

R = TypeVar("R")
SCHEMES: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class Shared:
    """What was asked for. None and None is a page for this machine alone."""

    host: str | None = None
    url: str | None = None
    """Where a proxy shows it, with a slash at its end."""


def sharing_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets what was said as `shared`."""

    @click.option(
        "--page-host",
        metavar="HOST",
        help="Address for other machines to open the page at, 0.0.0.0 for all of them. They need the token in the "
        f"link that is printed; {VARIABLE} may give one.",
    )
    @click.option(
        "--page-url",
        metavar="URL",
        callback=_checked_url,
        help="Where a reverse proxy shows the page. It asks everybody for the token then, this machine included.",
    )
    @functools.wraps(command)
    def with_shared(*, page_host: str | None, page_url: str | None, **others: Any) -> R:
        return command(shared=Shared(page_host, page_url), **others)

    return with_shared


def with_access(settings: ServeSettings, shared: Shared) -> ServeSettings:
    """Raises SettingsError for a token that could be guessed."""
    return replace(settings, page_host=shared.host, page_access=_access(shared))


def given_token() -> Token | None:
    """That of the environment. Raises SettingsError."""
    secret = os.environ.get(VARIABLE, "").strip()
    return Token.given(secret) if secret else None


def link(settings: ServeSettings, shared: Shared, page_url: str) -> str:
    """What opens the page once. It has the token."""
    token = settings.page_access.token
    if token is None:
        return page_url
    base = shared.url or f"http://{_outer_name(shared.host)}:{urlsplit(page_url).port}/"
    return f"{base}enter?token={token.secret}"


def _access(shared: Shared) -> Access:
    given = given_token()
    is_shared = shared.url is not None or (shared.host is not None and not is_loopback(shared.host))
    if given is None and not is_shared:
        return THIS_MACHINE
    return Access(
        token=given or Token.random(),
        names=frozenset(_names(shared)),
        spares_this_machine=given is None and shared.url is None,
        is_https=urlsplit(shared.url or "").scheme == "https",
    )


def _names(shared: Shared) -> set[str]:
    names = {urlsplit(shared.url).hostname or ""} if shared.url else set[str]()
    if shared.host is not None and not is_loopback(shared.host):
        names.add(_outer_name(shared.host).strip("[]"))
    return {name.lower() for name in names if not is_address(name)}


def _outer_name(host: str | None) -> str:
    """As other machines may call it; the printed one is this machine's own name where it listens everywhere."""
    if host is None:
        return "127.0.0.1"
    name = socket.gethostname() if host in EVERYWHERE else host
    return f"[{name}]" if ":" in name else name


def _checked_url(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in SCHEMES and parts.hostname and parts.path in ("", "/") and not parts.query
    except ValueError:
        is_good = False
    if not is_good:
        raise click.BadParameter("it must be such as https://calls.example.com, without a path.")
    return value.rstrip("/") + "/"
