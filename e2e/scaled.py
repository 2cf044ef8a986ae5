"""An application, the agent beside it, and two gateways that sample, each with back ends of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from patience import until

from e2e.gateway import SHORT, TRUSTED, Gateway, gateway
from e2e.observed import Observed, observed
from e2e.programs import collector, free_ports
from e2e.sink import Received, grpc_sink, http_sink
from e2e.telemetry import Span
from firsttoken import Settings

SAMPLING = (*TRUSTED, "gateway-scaled.yaml")
SLOW_S = 0.25
STALL_S = 0.5
AT_ONCE = {
    "DECISION_WAIT": "2s",
    "DECISION_WAIT_AFTER_ROOT": "1s",
    "KEPT_PERCENT": "0",
    "SLOW_FIRST_TOKEN_S": str(SLOW_S),
    "COSTLY_CALL": "1",
}
"""Decides as soon as it can, and keeps nothing by chance. A machine that stands still makes any stream a slow one: what
must be dropped is not streamed."""
RECEIVED = "otelcol_processor_tail_sampling_new_trace_id_received"
DECIDED = "otelcol_processor_tail_sampling_global_count_traces_sampled"


@dataclass(frozen=True, slots=True)
class Behind:
    """A gateway and what it has passed on."""

    gateway: Gateway
    spans: Received
    logs: Received

    def told(self, name: str) -> float:
        """A sum of the gateway's own metrics; 0 while it is not there to tell."""
        with suppress(URLError):
            return self.gateway.says(name)
        return 0.0


@dataclass(frozen=True, slots=True)
class Scaled:
    app: Observed
    behind: tuple[Behind, ...]
    made: set[str] = field(default_factory=set)
    """The traces of which a gateway got something."""

    def make(self, way: str, *arguments: str, **asked: str) -> str:
        trace_id = getattr(self.app, way)(*arguments, **asked)
        self.made.add(trace_id)
        return trace_id

    def settle(self) -> None:
        """Returns when the gateways have all spans so far and have decided on each of their traces."""
        self.app.flush()
        for count in (RECEIVED, DECIDED):
            until(lambda name=count: self.told(name) == len(self.made))

    def told(self, name: str) -> float:
        return sum(each.told(name) for each in self.behind)

    def kept(self, trace_id: str) -> list[list[Span]]:
        """The spans of that trace, by the gateway that passed them on."""
        found = [[span for span in each.spans.spans if span.trace_id == trace_id] for each in self.behind]
        return [spans for spans in found if spans]

    def kept_traces(self) -> set[str]:
        return {span.trace_id for each in self.behind for span in each.spans.spans}


@contextmanager
def behind(binary: Path, folder: Path, **environment: str) -> Iterator[Behind]:
    """A gateway's back ends; it is not running yet."""
    place = gateway(binary, folder, **{**AT_ONCE, **environment})
    with grpc_sink(place.traces) as spans, http_sink(place.logs) as (_, logs):
        yield Behind(place, spans, logs)


@contextmanager
def agent(binary: Path, gateways: tuple[Behind, ...], resolver: str | None = None) -> Iterator[str]:
    """Where it takes OTLP over gRPC. Without a resolver it is told the list of addresses."""
    grpc, http, health = free_ports(3)
    addresses = ", ".join(f"127.0.0.1:{each.gateway.grpc}" for each in gateways)
    environment = {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{grpc}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "HEALTH_LISTEN": f"127.0.0.1:{health}",
        "OWN_METRICS_LEVEL": "none",
        "GATEWAYS": resolver or f"{{static: {{hostnames: [{addresses}]}}}}",
        "GATEWAY_INSECURE": "true",
        **SHORT,
    }
    with collector(binary, "agent.yaml", environment):
        yield f"127.0.0.1:{grpc}"


@contextmanager
def application_of(endpoint: str, gateways: tuple[Behind, ...]) -> Iterator[Scaled]:
    with observed(endpoint, settings=Settings(stall_s=STALL_S)) as app:
        yield Scaled(app, gateways)
