"""Tempo and Loki, each in one process on loopback, and what they answer to Grafana."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from patience import until

from e2e.programs import built, free_ports, running
from e2e.testbed.loki import LOKI
from e2e.testbed.tempo import TEMPO

LOCAL = "127.0.0.1"
HOUR_S = 3600


def fetched(url: str, **parameters: str | int) -> Any:
    """The JSON there; None where there is nothing of that name."""
    try:
        with urlopen(f"{url}?{urlencode(parameters)}", timeout=30) as response:
            return json.load(response)
    except HTTPError as error:
        if error.code == 404:
            return None
        raise AssertionError(f"{error}: {error.read().decode()}") from error


@dataclass(frozen=True, slots=True)
class Line:
    """A log record in Loki: its text, and every label and piece of metadata that Grafana shows of it."""

    text: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Loki:
    url: str

    def found(self, query: str, limit: int = 100) -> list[Line]:
        """The newest lines of the last hour."""
        now = time.time_ns()
        start = now - HOUR_S * 1_000_000_000
        parameters = {"query": query, "limit": limit, "start": start, "end": now + 1_000_000_000}
        streams = fetched(f"{self.url}/loki/api/v1/query_range", **parameters)["data"]["result"]
        return [Line(value[1], stream["stream"]) for stream in streams for value in stream["values"]]


@dataclass(frozen=True, slots=True)
class Tempo:
    url: str
    otlp_port: int

    def found(self, query: str, limit: int = 100) -> dict[str, list[dict[str, Any]]]:
        """The attributes of the spans that match, by the id of their trace."""
        now = int(time.time())
        traces = self.searched(query, limit, start=now - HOUR_S, end=now + 1)
        return {trace["traceID"].zfill(32): [attributes(s) for s in _spans_found(trace)] for trace in traces}

    def searched(self, query: str, limit: int = 100, **within: int) -> list[dict[str, Any]]:
        """Traces as Tempo answers, each with spans that match; what came last is searched where no time is given."""
        return fetched(f"{self.url}/api/search", q=query, limit=limit, spss=10, **within)["traces"]

    def spans_of(self, trace_id: str) -> list[dict[str, Any]]:
        """Names and attributes, those of the resource too; none of a trace that is not there."""
        trace = fetched(f"{self.url}/api/traces/{trace_id}")
        return [
            {"name": span["name"], **attributes(batch["resource"]), **attributes(span)}
            for batch in (trace or {"batches": ()})["batches"]
            for scope in batch["scopeSpans"]
            for span in scope["spans"]
        ]


def _spans_found(trace: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [span for found in trace["spanSets"] for span in found["spans"]]


def attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    """Of a span or a resource, as JSON writes the values: whole numbers are texts."""
    return {each["key"]: next(iter(each["value"].values()), None) for each in of.get("attributes", ())}


@contextmanager
def loki(folder: Path, port: int) -> Iterator[Loki]:
    """Takes OTLP at `/otlp/v1/logs` of this port."""
    [grpc] = free_ports(1)
    data = folder / "loki"
    settings = {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": _listening(port, grpc),
        "common": {
            "instance_addr": LOCAL,
            "path_prefix": str(data),
            "replication_factor": 1,
            "ring": {"kvstore": {"store": "inmemory"}},
            "storage": {"filesystem": {"chunks_directory": str(data / "chunks"), "rules_directory": str(data)}},
        },
        "ingester": {"lifecycler": {"min_ready_duration": "0s"}},
        "schema_config": {
            "configs": [
                {
                    "from": "2020-01-01",
                    "store": "tsdb",
                    "object_store": "filesystem",
                    "schema": "v13",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
    }
    with running([str(built(LOKI, "loki")), _file(folder / "loki.yaml", settings)], {}, ready="Loki started"):
        url = f"http://{LOCAL}:{port}"
        until(lambda: _is_ready(url))
        yield Loki(url)


@contextmanager
def tempo(folder: Path, otlp_port: int) -> Iterator[Tempo]:
    """Takes OTLP over gRPC at this port."""
    http, grpc = free_ports(2)
    data = folder / "tempo"
    settings = {
        "server": _listening(http, grpc),
        "distributor": {
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"{LOCAL}:{otlp_port}"}}}},
            "ring": {"instance_addr": LOCAL},
        },
        "ingester": {
            "lifecycler": {"address": LOCAL, "min_ready_duration": "0s"},
            "trace_idle_period": "200ms",
            "flush_check_period": "200ms",
        },
        "memberlist": {"bind_addr": [LOCAL], "bind_port": 0},
        "storage": {
            "trace": {
                "backend": "local",
                "local": {"path": str(data / "blocks")},
                "wal": {"path": str(data / "wal")},
            }
        },
        "usage_report": {"reporting_enabled": False},
    }
    command = [str(built(TEMPO, "tempo")), _file(folder / "tempo.yaml", settings)]
    # Told to end, it waits for ever for what it never sends.
    with running(command, {}, ready="Tempo started", ended_by=signal.SIGKILL):
        url = f"http://{LOCAL}:{http}"
        until(lambda: _is_ready(url))
        yield Tempo(url, otlp_port)


def _listening(http: int, grpc: int) -> Mapping[str, Any]:
    addresses = {"http_listen_address": LOCAL, "grpc_listen_address": LOCAL}
    return {**addresses, "http_listen_port": http, "grpc_listen_port": grpc, "log_level": "info"}


def _file(path: Path, settings: Mapping[str, Any]) -> str:
    """What names the file of settings on a command line. JSON is YAML."""
    path.write_text(json.dumps(settings), encoding="utf-8")
    return f"-config.file={path}"


def _is_ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/ready", timeout=30) as response:
            return response.status == 200
    except HTTPError:
        return False
