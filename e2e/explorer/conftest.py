"""Calls of every kind, by the real SDKs, through the gateway into Tempo, Jaeger, Loki and Prometheus."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from patience import until

from e2e.gateway import TRUSTED, gateway
from e2e.jaeger.program import FOLDER, Jaeger, jaeger
from e2e.observed import observed
from e2e.programs import prometheus
from e2e.queries import values
from e2e.stores import Loki, Tempo, loki, tempo
from firsttoken import Settings

KINDS = ("whole", "stream", "cached", "fail", "cut", "close", "stall", "costly")
STREAMED = 'rate(firsttoken_client_time_to_first_token_seconds_count{job="shop"}[5m]) > 0'
SPANS_OF_AGENT = 3


@dataclass(frozen=True, slots=True)
class Wall:
    """Where everything is, and the trace of each kind of call."""

    tempo: Tempo
    jaeger: Jaeger
    loki: Loki
    prometheus_url: str
    made: Mapping[str, str]


@pytest.fixture(scope="package")
def wall(collector_binary, tmp_path_factory) -> Iterator[Wall]:
    folder = tmp_path_factory.mktemp("explorer")
    place = gateway(collector_binary, folder)
    with (
        tempo(folder, place.traces) as traces,
        loki(folder, place.logs) as logs,
        jaeger({}) as also_traces,
        prometheus(tmp_path_factory.mktemp("prometheus"), place.prometheus) as prometheus_url,
        place.running(*TRUSTED, FOLDER / "tags.yaml", _to_jaeger_too(folder, also_traces.otlp)),
    ):
        with observed(f"127.0.0.1:{place.grpc}", settings=Settings(stall_s=0.1)) as app:
            app.stream()
            app.flush()
            made = {kind: getattr(app, kind)() for kind in KINDS}
            made |= {
                "slow": app.slow(first_token_s=2.1),
                "anthropic": app.stream(sdk="anthropic"),
                "cut by anthropic": app.cut(sdk="anthropic"),
                "unpriced": app.stream(model="house-model-7"),
                "agent": app.agent("stream"),
            }
            app.flush()
        expected, whole = set(made.values()), made["agent"]
        until(lambda: expected <= set(traces.found("{}")) and len(traces.spans_of(whole)) == SPANS_OF_AGENT)
        until(lambda: all(map(also_traces.trace, expected)) and len(also_traces.trace(whole)) == SPANS_OF_AGENT)
        until(lambda: expected <= {line.labels["trace_id"] for line in logs.found('{service_name="shop"}')})
        until(lambda: bool(values(prometheus_url, STREAMED)))
        yield Wall(traces, also_traces, logs, prometheus_url, made)


def _to_jaeger_too(folder: Path, otlp: str) -> Path:
    exporter = {"endpoint": otlp, "tls": {"insecure": True}}
    pipelines = {"traces": {"exporters": ["otlp_grpc/traces", "otlp_grpc/jaeger"]}}
    path = folder / "jaeger-too.yaml"
    path.write_text(json.dumps({"exporters": {"otlp_grpc/jaeger": exporter}, "service": {"pipelines": pipelines}}))
    return path
