"""The gateway, which a test may stop, kill and start again: it keeps its ports and its queue."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from e2e.programs import collector, free_ports

TRUSTED = ("gateway.yaml", "trusted-network.yaml")
SHORT = {"BATCH_TIMEOUT": "100ms", "RETRY_FIRST": "100ms", "RETRY_EVERY": "200ms", "BACK_END_TIMEOUT": "60s"}
"""Waits that a test has patience for, and patience with a machine that stands still."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Its back ends are ports of this machine, where something may listen or not."""

    binary: Path
    folder: Path
    grpc: int
    http: int
    health: int
    own_metrics: int
    scraped: int
    queued: int
    traces: int
    logs: int
    prometheus: int
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OTLP_GRPC_LISTEN": f"127.0.0.1:{self.grpc}",
            "OTLP_HTTP_LISTEN": f"127.0.0.1:{self.http}",
            "HEALTH_LISTEN": f"127.0.0.1:{self.health}",
            "PROMETHEUS_LISTEN": f"127.0.0.1:{self.scraped}",
            "QUEUED_METRICS_LISTEN": f"127.0.0.1:{self.queued}",
            "OWN_METRICS_HOST": "127.0.0.1",
            "OWN_METRICS_PORT": str(self.own_metrics),
            "TRACES_ENDPOINT": f"127.0.0.1:{self.traces}",
            "TRACES_INSECURE": "true",
            "LOGS_ENDPOINT": f"http://127.0.0.1:{self.logs}/otlp/v1/logs",
            "PROMETHEUS_REMOTE_WRITE_URL": f"http://127.0.0.1:{self.prometheus}/api/v1/write",
            "QUEUE_FOLDER": str(self.folder / "queue"),
            **SHORT,
            **self.more,
        }

    @contextmanager
    def running(self, *configurations: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Trusting the network, where nothing else is said."""
        with collector(self.binary, configurations or TRUSTED, {**self.environment, **environment}) as child:
            yield child

    def says(self, metric: str) -> float:
        """Of itself: all series of a metric added up."""
        lines = [line for line in self.all_it_says() if re.match(rf"{metric}(_total)?[{{ ]", line)]
        return sum(float(line.split()[-1]) for line in lines)

    def all_it_says(self) -> list[str]:
        with urlopen(f"http://127.0.0.1:{self.own_metrics}/metrics", timeout=30) as answer:
            return answer.read().decode().splitlines()

    @contextmanager
    def many_times(self) -> Iterator[Lives]:
        """Started and ended as the test says. The last one is ended where the block is left."""
        lives = Lives(self)
        try:
            yield lives
        finally:
            lives.end()


class Lives:
    """One gateway after the other in the same place. An application that outlives them ends before the last one."""

    def __init__(self, place: Gateway) -> None:
        self._place = place
        self._now = ExitStack()

    def start(self, *configurations: str | Path, **environment: str) -> None:
        self._child = self._now.enter_context(self._place.running(*configurations, **environment))

    def end(self) -> None:
        self._now.close()

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()
        self.end()


def gateway(binary: Path, folder: Path, **more: str) -> Gateway:
    return Gateway(binary, folder, *free_ports(9), more)
