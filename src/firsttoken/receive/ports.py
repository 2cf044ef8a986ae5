"""The listening sockets of the local half, claimed before anything heavy is imported."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firsttoken.access import THIS_MACHINE, Access
from firsttoken.errors import PortInUseError, SettingsError
from firsttoken.hosts import is_loopback

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
BACKLOG: Final = 512
LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  what is asked for is compared with it


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the local half listens. Port 0 is any free port; a page port of None is no page."""

    host: str = LOOPBACK
    grpc_port: int = 4317
    http_port: int = 4318
    page_port: int | None = 4319
    page_host: str | None = None
    """Where the page listens, beside loopback, so that programs of this machine reach it there; None is `host`."""
    page_access: Access = THIS_MACHINE
    max_body_bytes: int = MAX_BODY_BYTES
    """Longest request body accepted, before and after decompression."""
    prices: Path | None = None
    """A TOML file with prices that take precedence over the price list, for calls that come without a price."""
    budgets: Path | None = None
    """A TOML file of budgets that the page shows."""


@dataclass(frozen=True, slots=True)
class BoundPage:
    """The sockets of the page that are ours."""

    sockets: tuple[socket.socket, ...]
    url: str
    """As this machine reaches it, for example `http://127.0.0.1:4319/`."""

    def close(self) -> None:
        """Idempotent."""
        for bound in self.sockets:
            bound.close()


@dataclass(frozen=True, slots=True)
class BoundPorts:
    """The sockets that are ours. Connections wait in them until a server serves them."""

    grpc: socket.socket
    http: socket.socket
    page: BoundPage | None
    grpc_address: str
    """Host and port, for example `127.0.0.1:4317`."""
    http_address: str

    @property
    def grpc_endpoint(self) -> str:
        """For `OTEL_EXPORTER_OTLP_ENDPOINT` with gRPC, for example `http://127.0.0.1:4317`."""
        return f"http://{self.grpc_address}"

    @property
    def http_endpoint(self) -> str:
        """For `OTEL_EXPORTER_OTLP_ENDPOINT` with HTTP, for example `http://127.0.0.1:4318`."""
        return f"http://{self.http_address}"

    @property
    def page_url(self) -> str | None:
        """None where there is no page."""
        return None if self.page is None else self.page.url

    def close(self) -> None:
        """Lets go of them. Idempotent."""
        for bound in (self.grpc, self.http, self.page):
            if bound is not None:
                bound.close()


def loopback_address(host: str) -> str:
    """The IP address to listen on. Raises SettingsError for one that other machines could reach."""
    if is_loopback(host):
        return LOOPBACK if host.lower() == "localhost" else host
    raise SettingsError(
        f"host {host!r} is not this machine's loopback, and whoever reaches these ports may write calls: use "
        "127.0.0.1, and for what other machines send a Collector that needs a token"
    )


def bind(settings: ServeSettings) -> BoundPorts:
    """Claims all sockets or none, in a few milliseconds.

    Raises PortInUseError, naming the port and, where it can be known, the process that has it;
    SettingsError for a host that is not this machine, and for a page that others could read without a token.
    """
    host = loopback_address(settings.host)
    with ExitStack() as undo:
        grpc = undo.enter_context(_claim(host, settings.grpc_port, "--grpc-port"))
        http = undo.enter_context(_claim(host, settings.http_port, "--http-port"))
        page = None if settings.page_port is None else bind_page(settings)
        undo.pop_all()
    return BoundPorts(grpc, http, page, _address(grpc), _address(http))


def bind_page(settings: ServeSettings) -> BoundPage:
    """Claims the port of the page alone. Raises as `bind` does."""
    host, port = settings.page_host or settings.host, settings.page_port or 0
    if is_loopback(host):
        claimed = _claim(loopback_address(host), port, "--page-port")
        return BoundPage((claimed,), f"http://{_address(claimed)}/")
    if settings.page_access.token is None:
        raise SettingsError(f"a page that listens on {host!r} can be read by other machines: it needs a token")
    address = _resolved(host)
    if address in EVERYWHERE or is_loopback(address):
        claimed = _claim(address, port, "--page-port")
        return BoundPage((claimed,), f"http://{LOOPBACK}:{claimed.getsockname()[1]}/")
    with ExitStack() as undo:
        inner = undo.enter_context(_claim(LOOPBACK, port, "--page-port"))
        outer = _claim(address, inner.getsockname()[1], "--page-port")
        undo.pop_all()
    return BoundPage((inner, outer), f"http://{_address(inner)}/")


def _resolved(host: str) -> str:
    """The address of a name. Raises SettingsError for one that has none."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise SettingsError(f"cannot listen on {host!r}: {error}; choose another with --page-host") from error


def port_in_use(host: str, port: int, option: str) -> PortInUseError:
    """The error that says who has a port and how to get on."""
    from firsttoken.receive.port_holder import port_holder  # only who has bad news to tell needs psutil

    holder = port_holder(port)
    by = f" by {holder}" if holder else ""
    return PortInUseError(f"port {port} on {host} is in use{by}: stop it, or choose another with {option}")


def _claim(host: str, port: int, option: str) -> socket.socket:
    """A socket that listens already, so that nobody else can, and early connections wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    claimed = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option would let others take a port that is in use
            claimed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        claimed.bind((host, port))
        claimed.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        claimed.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise port_in_use(host, port, option) from error
        raise SettingsError(f"cannot listen on port {port} of {host}: {error}; choose another with {option}") from error
    return claimed


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
