"""Who may ask a server of ours: whoever is on this machine, and whoever has its token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final, Self

from firsttoken.errors import SettingsError
from firsttoken.hosts import is_address, is_loopback

VARIABLE: Final = "FIRSTTOKEN_TOKEN"
RANDOM_BYTES: Final = 32
SHORTEST: Final = 32
"""Characters of a token that is given, so that nobody guesses it."""


class Token:
    """A secret of a server. It is compared in constant time, and never shown by `repr`."""

    def __init__(self, secret: str) -> None:
        self.secret: Final = secret

    @classmethod
    def random(cls) -> Self:
        """256 bits, as text that may stand in an address."""
        return cls(secrets.token_urlsafe(RANDOM_BYTES))

    @classmethod
    def given(cls, secret: str) -> Self:
        """Raises SettingsError for one that could be guessed, or that cannot stand in a header."""
        if (
            len(secret) < SHORTEST
            or not (secret.isascii() and secret.isprintable())
            or not set(' ;,"\\').isdisjoint(secret)
        ):
            raise SettingsError(
                f"{VARIABLE} must have at least {SHORTEST} letters, digits and signs without spaces, quotes, commas, "
                "semicolons and backslashes: make one with python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        return cls(secret)

    def is_said_by(self, offered: str | None) -> bool:
        return offered is not None and hmac.compare_digest(self.secret.encode(), offered.encode(errors="replace"))

    def derived(self, use: str) -> Token:
        """Another one for this use alone: who has it cannot work out the token."""
        return Token(hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).hexdigest())


@dataclass(frozen=True, slots=True)
class Asker:
    """What is known of who asks, before he shows anything."""

    address: str | None
    """Where the connection comes from."""
    host: str
    """The name that he asks for, without port and brackets."""
    is_forwarded: bool = False
    """Whether a proxy says that it asks for somebody else."""

    @property
    def is_this_machine(self) -> bool:
        """Whoever else comes through a proxy here has another name in his request, or the proxy's word for it. One that
        writes a loopback name there and says nothing of itself is taken for this machine: nothing tells the two apart,
        so that whoever has such a proxy gives a token (`FIRSTTOKEN_TOKEN`, or `--page-url`), and everybody needs it.
        """
        return (
            self.address is not None and is_loopback(self.address) and is_loopback(self.host) and not self.is_forwarded
        )


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of one server."""

    token: Token | None = None
    """None: no port of it can be reached from elsewhere, and nobody is asked for one. A proxy can: it is refused."""
    names: frozenset[str] = frozenset()
    """Host names of the server beside those of loopback."""
    spares_this_machine: bool = True
    """Whether programs of this machine need no token."""
    is_https: bool = False
    """Whether browsers reach it through a proxy that speaks HTTPS with them."""

    def answers_to(self, host: str) -> bool:
        """Whether it is a name of this server. A page that makes its own name ours has none of these (DNS rebinding):
        that takes a name, so that an address never is one, but without a token nobody is known by an address either.
        """
        return is_loopback(host) or host in self.names or (self.token is not None and is_address(host))

    def lets_in(self, asker: Asker) -> bool:
        """Without a token. Where there is none, nobody else is meant to come, through a proxy either."""
        if self.token is None:
            return not asker.is_forwarded
        return self.spares_this_machine and asker.is_this_machine


THIS_MACHINE: Final = Access()
