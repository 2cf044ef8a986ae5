"""VictoriaMetrics in Prometheus's place, with vmalert that works the rules out, and VictoriaLogs in Loki's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from e2e.programs import built, free_ports, running
from e2e.testbed.debian import DEBIAN
from e2e.testbed.victoria_logs import VICTORIA_LOGS

LOCAL = "127.0.0.1"
STARTED = "started VictoriaMetrics"


@contextmanager
def victoria_metrics(
    folder: Path, port: int, rules: Sequence[Path] = (), scraped: Sequence[int] = (), flags: Sequence[str] = ()
) -> Iterator[str]:
    """Its base URL. It takes remote writes and OTLP, works rules out and scrapes these ports every second."""
    job = {"job_name": "scraped", "static_configs": [{"targets": [f"{LOCAL}:{each}" for each in scraped]}]}
    configuration = folder / "scrape.yml"
    configuration.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}))
    command = [
        str(built(DEBIAN, "usr/bin/victoria-metrics")),
        f"-httpListenAddr={LOCAL}:{port}",
        f"-storageDataPath={folder / 'data'}",
        f"-promscrape.config={configuration}",
        *flags,
        # What has come is seen at once.
        "-search.latencyOffset=0s",
        "-search.disableCache",
    ]
    url = f"http://{LOCAL}:{port}"
    with running(command, {}, ready=STARTED), _vmalert(url, [_each_second(path, folder) for path in rules]):
        yield url


@contextmanager
def _vmalert(url: str, rules: Sequence[Path]) -> Iterator[None]:
    command = [
        str(built(DEBIAN, "usr/bin/vmalert")),
        *(f"-rule={path}" for path in rules),
        f"-datasource.url={url}",
        f"-remoteWrite.url={url}",
        "-remoteWrite.flushInterval=200ms",
        "-rule.evalDelay=0s",
        "-notifier.blackhole",
        f"-httpListenAddr={LOCAL}:{free_ports(1)[0]}",
    ]
    with running(command, {}, ready="started server at"):
        yield


def _each_second(path: Path, folder: Path) -> Path:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    hurried = folder / path.name
    hurried.write_text(json.dumps({"groups": [{**group, "interval": "1s"} for group in groups]}))
    return hurried


@contextmanager
def victoria_logs(folder: Path, port: int) -> Iterator[Callable[[str], list[dict[str, str]]]]:
    """Asks it: LogsQL in, the fields of each log record out. It takes OTLP at `/insert/opentelemetry/v1/logs`."""
    command = [
        str(built(VICTORIA_LOGS, "victoria-logs")),
        f"-httpListenAddr={LOCAL}:{port}",
        f"-storageDataPath={folder / 'victoria-logs'}",
    ]

    def found(query: str) -> list[dict[str, str]]:
        with urlopen(f"http://{LOCAL}:{port}/select/logsql/query?{urlencode({'query': query})}", timeout=30) as lines:
            return [json.loads(line) for line in lines]

    with running(command, {}, ready="started VictoriaLogs"):
        yield found
