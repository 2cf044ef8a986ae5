"""The listening sockets of the local half, claimed before anything heavy is imported."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

MAX_BODY_BYTES: Final = 64 * 1024 * 1024


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
    """Three sockets that are ours. Connections wait in them until a server serves them."""

    grpc: socket.socket
    http: socket.socket
    page: socket.socket | None

    @property
    def grpc_endpoint(self) -> str:
        """For `OTEL_EXPORTER_OTLP_ENDPOINT` with gRPC, for example `http://127.0.0.1:4317`."""
        raise NotImplementedError

    @property
    def http_endpoint(self) -> str:
        """For `OTEL_EXPORTER_OTLP_ENDPOINT` with HTTP, for example `http://127.0.0.1:4318`."""
        raise NotImplementedError

    @property
    def page_url(self) -> str | None:
        """For example `http://127.0.0.1:4319/`; None where there is no page."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of them. Idempotent."""


def bind(settings: ServeSettings) -> BoundPorts:
    """Claims all sockets or none, in a few milliseconds.

    Raises PortInUseError, naming the port and, where it can be known, the process that has it;
    SettingsError for a host that is not this machine.
    """
    raise NotImplementedError
