"""A Collector that redacts, between two back ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from patience import until
from redaction_names import PERSONS, allowed

from e2e import telemetry
from e2e.otlp import sender
from e2e.programs import collector, free_ports
from e2e.sink import Received, grpc_sink


@dataclass(frozen=True)
class Redacting:
    """A Collector, and what its two back ends received."""

    endpoint: str
    private: Received
    public: Received


@contextmanager
def redacting(binary: Path, *over: str, **more: str) -> Iterator[Redacting]:
    """`over` are files on top."""
    otlp, http, private, public = free_ports(4)
    environment = {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{otlp}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "PRIVATE_ENDPOINT": f"127.0.0.1:{private}",
        "PRIVATE_INSECURE": "true",
        "PUBLIC_ENDPOINT": f"127.0.0.1:{public}",
        "PUBLIC_INSECURE": "true",
        "OWN_METRICS_LEVEL": "none",
        **more,
    }
    with (
        grpc_sink(private) as at_private,
        grpc_sink(public) as at_public,
        collector(binary, ["redact.yaml", *over], environment),
    ):
        yield Redacting(f"127.0.0.1:{otlp}", at_private, at_public)


def settled(running: Redacting) -> None:
    """Returns when as much has come to the public one as to the private one, and something has."""
    signals = ("spans", "logs", "metrics")

    def as_much() -> bool:
        counts = [(len(getattr(running.private, each)), len(getattr(running.public, each))) for each in signals]
        return all(private == public for private, public in counts) and any(private for private, _ in counts)

    until(as_much)


def through(binary: Path, *requests: Any, **more: str) -> tuple[Received, Received]:
    """What the private and the public back end get of these requests."""
    with redacting(binary, **more) as running, sender(running.endpoint) as send:
        for request in requests:
            send(request)
        running.private.until(lambda: len(running.private.requests) >= len(requests))
        running.public.until(lambda: len(running.public.requests) >= len(requests))
        return running.private, running.public


def raw(received: Received) -> bytes:
    """Every byte that came."""
    return b"".join(request.SerializeToString() for request in received.requests)


def told(item: Any) -> Any:
    """A span or log record without what only the private back end may have."""
    kept = {name: value for name, value in item.attributes.items() if name in allowed() or name in PERSONS}
    if isinstance(item, telemetry.LogRecord):
        return replace(item, attributes=kept, body=None)
    events = tuple(
        replace(each, attributes={n: v for n, v in each.attributes.items() if n in allowed()}) for each in item.events
    )
    return replace(item, attributes=kept, events=events, status_message="")


def sorted_points(metric: telemetry.Metric) -> telemetry.Metric:
    return replace(metric, points=tuple(sorted(metric.points, key=repr)))
