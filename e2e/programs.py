"""The real programs, run as child processes."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import yaml

from e2e.testbed.cache import Component, NotToBeHad, ready
from e2e.testbed.debian import DEBIAN

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATIONS = ROOT / "collector-config"


LISTENING: Final = range(10_000, 32_000)
"""Below those that the system takes for outgoing connections: one of these may be there before the program listens."""
_given: set[int] = set()
_anywhere: Final = random.SystemRandom()
"""Tests seed the usual one, with which several processes would go through the same ports."""


def free_ports(count: int) -> list[int]:
    """Distinct ports that are free, for programs that are told where to listen; each is given once in this process."""
    ports: list[int] = []
    while len(ports) < count:
        port = _anywhere.choice(LISTENING)
        if port not in _given and _is_free(port):
            _given.add(port)
            ports.append(port)
    return ports


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def built(component: Component, program: str) -> Path:
    """A program of it. It is built where that has not been done, which can take minutes."""
    try:
        return ready(component) / program
    except (NotToBeHad, OSError) as error:
        pytest.fail(f"{component.name} could not be built: {error}")


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], ready: str, ended_by: int = signal.SIGTERM
) -> Iterator[subprocess.Popen[str]]:
    """Until the block is left. Begins when the program has said that it is ready; fails with its words if it ends."""
    child = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert child.stderr is not None
    said: deque[str] = deque(maxlen=40)
    for line in child.stderr:
        said.append(line)
        if ready in line:
            break
    else:
        child.wait()
        child.stderr.close()
        pytest.fail(f"{command[0]} ended: {''.join(said)}")
    drain = threading.Thread(target=said.extend, args=(child.stderr,))
    drain.start()
    try:
        yield child
    finally:
        child.send_signal(ended_by)
        child.wait()
        drain.join()
        child.stderr.close()


@contextmanager
def collector(
    binary: Path, configuration: str | Sequence[str | Path], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Of several configurations the later ones win."""
    names = [configuration] if isinstance(configuration, str) else configuration
    command = [str(binary), *configured_by(names)]
    with running(command, environment, ready="Everything is ready") as child:
        yield child


def configured_by(names: Sequence[str | Path]) -> Iterator[str]:
    """The options of a Collector: a name is that of a file of ours, unless it has the configuration in it."""
    for name in names:
        yield from ("--config", str(name) if str(name).startswith("yaml:") else str(CONFIGURATIONS / name))


@contextmanager
def prometheus(
    folder: Path,
    port: int,
    rules: Sequence[Path] = (),
    scraped: Sequence[int] = (),
    told: Sequence[int] = (),
    late: str = "0s",
) -> Iterator[str]:
    """Its base URL. It takes remote writes, keeps exemplars, works rules out and scrapes these ports every second.

    Alertmanagers at the ports `told` are told of alerts once these have held for a second. Samples may come `late`.
    """
    configuration = folder / "prometheus.yml"
    files = [str(_each_second(path, folder)) for path in rules]
    targets = [f"127.0.0.1:{each}" for each in scraped]
    pace = {"scrape_interval": "1s", "scrape_timeout": "1s"}
    job = {"job_name": "scraped", "honor_labels": True, **pace, "static_configs": [{"targets": targets}]}
    settings = {
        "storage": {"exemplars": {"max_exemplars": 1000}, "tsdb": {"out_of_order_time_window": late}},
        "rule_files": files,
        "scrape_configs": [job],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{each}" for each in told]}]}]},
    }
    configuration.write_text(json.dumps(settings))
    command = [
        str(built(DEBIAN, "usr/bin/prometheus")),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage",
        "--rules.alert.resend-delay=1s",
    ]
    with running(command, {}, ready="Server is ready to receive web requests"):
        yield f"http://127.0.0.1:{port}"


def _each_second(path: Path, folder: Path) -> Path:
    """The same rules in a hurry."""
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    hurried = folder / path.name
    for group in groups:
        group["interval"] = "1s"
        group["rules"] = [rule | {"for": "1s"} if "for" in rule else rule for rule in group["rules"]]
    hurried.write_text(json.dumps({"groups": groups}))
    return hurried
