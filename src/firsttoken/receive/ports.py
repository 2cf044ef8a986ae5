"""The listening sockets of the local half, claimed before anything heavy is imported."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from firsttoken.errors import PortInUseError, SettingsError
from firsttoken.hosts import is_loopback

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
BACKLOG: Final = 512


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the local half listens. Port 0 is any free port; a page port of None is no page."""

    host: str = "127.0.0.1"
    grpc_port: int = 4317
    http_port: int = 4318
    page_port: int | None = 4319
    max_body_bytes: int = MAX_BODY_BYTES
    """Longest request body accepted, before and after decompression."""


@dataclass(frozen=True, slots=True)
class BoundPorts:
    """Up to three sockets that are ours. Connections wait in them until a server serves them."""

    grpc: socket.socket
    http: socket.socket
    page: socket.socket | None
    grpc_address: str
    """Host and port, for example `127.0.0.1:4317`."""
    http_address: str
    page_address: str | None

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
        """For example `http://127.0.0.1:4319/`; None where there is no page."""
        return None if self.page_address is None else f"http://{self.page_address}/"

    def close(self) -> None:
        """Lets go of them. Idempotent."""
        for bound in (self.grpc, self.http, self.page):
            if bound is not None:
                bound.close()


def loopback_address(host: str) -> str:
    """The IP address to listen on. Raises SettingsError for one that other machines could reach."""
    if is_loopback(host):
        return "127.0.0.1" if host.lower() == "localhost" else host
    raise SettingsError(
        f"host {host!r} is not this machine's loopback: whoever reaches these ports may read and write every recorded "
        "call, and letting others in needs a token, which this version does not have; use 127.0.0.1"
    )


def bind(settings: ServeSettings) -> BoundPorts:
    """Claims all sockets or none, in a few milliseconds.

    Raises PortInUseError, naming the port and, where it can be known, the process that has it;
    SettingsError for a host that is not this machine.
    """
    host = loopback_address(settings.host)
    with ExitStack() as undo:
        grpc = undo.enter_context(_claim(host, settings.grpc_port, "--grpc-port"))
        http = undo.enter_context(_claim(host, settings.http_port, "--http-port"))
        page = None
        if settings.page_port is not None:
            page = undo.enter_context(_claim(host, settings.page_port, "--page-port"))
        undo.pop_all()
    return BoundPorts(grpc, http, page, _address(grpc), _address(http), None if page is None else _address(page))


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
