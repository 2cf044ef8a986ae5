"""docker-compose.yaml with processes for containers: the same files, arguments and variables, and ports for names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.gateway import gateway
from e2e.jaeger.program import Jaeger
from e2e.programs import ROOT, built, collector, free_ports, running
from e2e.shipped.composition import inside, mounts, on_loopback, seen
from e2e.testbed.debian import DEBIAN
from e2e.testbed.jaeger import JAEGER

Services = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wall:
    """What runs, and the application that may."""

    jaeger: Jaeger
    prometheus: str
    """Its base URL."""
    application: Mapping[str, Any]
    otlp_port: int

    def calls(self, rounds: int = 1, pace: float = 0) -> None:
        """Of the application, with the variables that it has in its container."""
        told = environment(self.application, {"collector:4317": self.otlp_port})
        variables = {name: value for name, value in told.items() if name.startswith("OTEL_")}
        limits = {"ROUNDS": str(rounds), "PACE": str(pace)}
        program = mounts(self.application)["/application.py"]
        done = subprocess.run(
            [Path(sys.executable).with_name("opentelemetry-instrument"), sys.executable, program],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **limits, **variables},
            capture_output=True,
            text=True,
            timeout=120 + rounds * 60,
            check=False,
        )
        said = "".join(f"round {number} is done\n" for number in range(1, rounds + 1))
        assert (done.returncode, done.stdout) == (0, said), done.stderr


@contextmanager
def wall(services: Services, collector_binary: Path, folder: Path, loki_port: int) -> Iterator[Wall]:
    """The Collector, Jaeger and Prometheus of the file. Loki is whoever listens there; the others are not started."""
    gate = gateway(collector_binary, folder)
    page, monitor, health, jaeger_http, jaeger_grpc, unused = free_ports(6)
    ports = {
        "jaeger:4317": gate.traces,
        "0.0.0.0:4317": gate.traces,
        "0.0.0.0:16686": jaeger_http,
        "0.0.0.0:8890": monitor,
        "jaeger:8890": monitor,
        "collector:8889": gate.scraped,
        "collector:8888": gate.own_metrics,
        "prometheus:9090": page,
        "localhost:9090": page,
        "loki:3100": loki_port,
    }
    elsewhere = {
        "JAEGER_GRPC_LISTEN": f"127.0.0.1:{jaeger_grpc}",
        "JAEGER_HEALTH_LISTEN": f"127.0.0.1:{health}",
        "JAEGER_OTLP_HTTP_LISTEN": f"127.0.0.1:{unused}",
        "JAEGER_UI": str(mounts(services["jaeger"])["/etc/jaeger/ui.json"]),
    }
    root = seen(services["prometheus"], folder / "prometheus")
    database = inside(root, services["prometheus"]["command"])
    settings = root / "etc/prometheus/prometheus.yaml"
    text = on_loopback(settings.read_text(encoding="utf-8"), ports)
    settings.unlink()
    settings.write_text(text.replace("scrape_interval: 5s", "scrape_interval: 1s"), encoding="utf-8")
    traces = inside(seen(services["jaeger"], folder / "jaeger"), services["jaeger"]["command"])
    told = {name: environment(service, ports) for name, service in services.items()}
    files = [mounts(services["collector"])[word.split("=")[1]] for word in services["collector"]["command"]]
    with (
        running([str(built(JAEGER, "jaeger")), *traces], told["jaeger"] | elsewhere, ready="Everything is ready"),
        running(
            [str(built(DEBIAN, "usr/bin/prometheus")), *database, f"--web.listen-address=127.0.0.1:{page}"],
            {},
            ready="Server is ready to receive web requests",
        ),
        collector(collector_binary, files, {**gate.environment, **told["collector"]}),
    ):
        jaeger = Jaeger(f"127.0.0.1:{gate.traces}", f"http://127.0.0.1:{jaeger_http}", monitor)
        yield Wall(jaeger, f"http://127.0.0.1:{page}", services["application"], gate.grpc)


def environment(service: Mapping[str, Any], ports: Mapping[str, int]) -> dict[str, str]:
    return {name: on_loopback(value, ports) for name, value in (service.get("environment") or {}).items()}
