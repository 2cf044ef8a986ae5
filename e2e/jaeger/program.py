"""Jaeger with the configuration that users copy, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from boards.searches import Search

from e2e.programs import ROOT, built, free_ports, running
from e2e.testbed.jaeger import JAEGER

FOLDER = ROOT / "dashboards" / "jaeger"
LOCAL = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Jaeger:
    """One that runs."""

    otlp: str
    """`host:port` for gRPC."""
    url: str
    span_metrics_port: int

    def asked(self, path: str, **parameters: str) -> Any:
        """The JSON of one of its interfaces; None where it has not found the trace."""
        try:
            with urlopen(f"{self.url}{path}?{urlencode(parameters)}", timeout=30) as response:
                return json.load(response)
        except HTTPError as error:
            if error.code != 404:
                raise
            return None

    def services(self) -> list[str]:
        return self.asked("/api/v3/services").get("services", [])

    def trace(self, trace_id: str) -> list[Span]:
        """Its spans as /api/v3 tells them, which is as OTLP has them; none before they have arrived."""
        answer = self.asked(f"/api/v3/traces/{trace_id}")
        return [] if answer is None else list(_spans(answer["result"]["resourceSpans"]))

    def found(self, search: Search, service: str) -> set[str]:
        """The traces that the page shows for it: it sends the parameters of its own address."""
        return {trace["traceID"] for trace in self.asked("/api/traces", **search.parameters(service))["data"]}

    def found_by_name(self, service: str, operation: str, **more: str) -> set[str]:
        """The traces that /api/v3 finds in the last hour; it has no parameter for tags."""
        now = datetime.now(UTC)
        times = {"start_time_min": now - timedelta(hours=1), "start_time_max": now + timedelta(hours=1)}
        query = {"service_name": service, "operation_name": operation, "num_traces": "100", **more}
        query |= {name: time.isoformat() for name, time in times.items()}
        answer = self.asked("/api/v3/traces", **{f"query.{name}": value for name, value in query.items()})
        return set() if answer is None else {span.trace_id for span in _spans(answer["result"]["resourceSpans"])}


@dataclass(frozen=True, slots=True)
class Span:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    started_unix_ns: int
    ended_unix_ns: int
    is_error: bool
    attributes: Mapping[str, Any]
    """Its own and those of its resource."""
    events: Sequence[tuple[str, int]]
    """Name and time of each, in the order in which they came."""

    @property
    def took_s(self) -> float:
        return (self.ended_unix_ns - self.started_unix_ns) / 1e9


def _spans(groups: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    for group in groups:
        resource = _attributes(group["resource"])
        for scope in group["scopeSpans"]:
            for span in scope["spans"]:
                events = [(event["name"], int(event["timeUnixNano"])) for event in span.get("events", ())]
                yield Span(
                    span["name"],
                    span["traceId"],
                    span["spanId"],
                    span.get("parentSpanId", ""),
                    int(span["startTimeUnixNano"]),
                    int(span["endTimeUnixNano"]),
                    span.get("status", {}).get("code") == 2,
                    resource | _attributes(span),
                    sorted(events, key=lambda event: event[1]),
                )


def _attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values()), None) for each in of.get("attributes", ())}


@contextmanager
def jaeger(
    environment: Mapping[str, str], *more: str, binary: Path | None = None, folder: Path = FOLDER
) -> Iterator[Jaeger]:
    """With the folder's jaeger.yaml, with these files behind it, and with ui.json where the folder has one."""
    grpc, http, otlp, otlp_http, health, metrics = free_ports(6)
    ports = {
        "JAEGER_HTTP_LISTEN": http,
        "JAEGER_GRPC_LISTEN": grpc,
        "JAEGER_OTLP_GRPC_LISTEN": otlp,
        "JAEGER_OTLP_HTTP_LISTEN": otlp_http,
        "JAEGER_HEALTH_LISTEN": health,
        "JAEGER_SPAN_METRICS_LISTEN": metrics,
    }
    listening = {name: f"{LOCAL}:{port}" for name, port in ports.items()}
    command = [str(binary or built(JAEGER, "jaeger"))]
    command += [part for name in ("jaeger.yaml", *more) for part in ("--config", str(folder / name))]
    page = {"JAEGER_UI": str(folder / "ui.json")} if (folder / "ui.json").exists() else {}
    told = {**page, "JAEGER_SPAN_METRICS_FLUSH": "200ms", **listening, **environment}
    with running(command, told, ready="Everything is ready"):
        yield Jaeger(f"{LOCAL}:{otlp}", f"http://{LOCAL}:{http}", metrics)
