"""Prometheus's Alertmanager, and somebody who is told by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from patience import until

from e2e.http_server import Quiet, answering
from e2e.programs import built, running
from e2e.testbed.alertmanager import ALERTMANAGER

EXAMPLE = Path(__file__).resolve().parents[1] / "dashboards" / "prometheus" / "alertmanager.example.yaml"
PACE = {"group_wait": "1s", "group_interval": "1s", "repeat_interval": "1h"}


class Told:
    """Alerts by whom they were for, in the order in which they came. Safe to use from any thread."""

    def __init__(self) -> None:
        self._alerts: list[tuple[str, Mapping[str, Any]]] = []

    def add(self, whom: str, message: Mapping[str, Any]) -> None:
        self._alerts.extend((whom, alert) for alert in message["alerts"])

    def of(self, whom: str, name: str, status: str = "firing") -> list[Mapping[str, Any]]:
        alerts = [alert for told, alert in list(self._alerts) if told == whom]
        return [a for a in alerts if (a["labels"]["alertname"], a["status"]) == (name, status)]

    def wait_for(self, whom: str, name: str, status: str = "firing") -> Mapping[str, Any]:
        """The first of these."""
        until(lambda: bool(self.of(whom, name, status)))
        return self.of(whom, name, status)[0]


@contextmanager
def webhook() -> Iterator[tuple[str, Told]]:
    """Its base URL; who is told is the path."""
    told = Told()

    class Handler(Quiet):
        def do_POST(self) -> None:
            told.add(self.path.strip("/"), json.loads(self.body()))
            self.answer(200)

    with answering(Handler) as url:
        yield url, told


@contextmanager
def alertmanager(folder: Path, port: int, webhook_url: str) -> Iterator[None]:
    """The example, with the receivers here and in a hurry."""
    configuration = folder / "alertmanager.yaml"
    configuration.write_text(json.dumps(_here(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")), webhook_url)))
    command = [
        str(built(ALERTMANAGER, "alertmanager")),
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, {}, ready="Listening on"):
        yield


def _here(part: Any, webhook_url: str) -> Any:
    if isinstance(part, list):
        return [_here(each, webhook_url) for each in part]
    if not isinstance(part, dict):
        return part
    if "url" in part:
        return {**part, "url": f"{webhook_url}/{part['url'].rpartition('/')[2]}"}
    return {key: PACE.get(key) or _here(value, webhook_url) for key, value in part.items()}
