"""The real Collector and the real Prometheus, run as child processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATIONS = ROOT / "collector-config"


ENVIRONMENT: Final = dict(os.environ)
"""As it is before any test runs: some give themselves another cache folder."""


def free_ports(count: int) -> list[int]:
    """Distinct ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def build_collector() -> Path:
    """Builds it where that has not been done, which takes minutes."""
    script = CONFIGURATIONS / "testbed" / "build.sh"
    built = subprocess.run([script], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        pytest.fail("the test Collector could not be built: see what build.sh said above, or run `make testbed`")
    return Path(built.stdout.strip())


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not on PATH: install Debian's package `prometheus`, or put {name} on PATH")
    return found


@contextmanager
def running(command: list[str], environment: Mapping[str, str], ready: str) -> Iterator[None]:
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
        pytest.fail(f"{command[0]} ended: {''.join(said)}")
    drain = threading.Thread(target=said.extend, args=(child.stderr,))
    drain.start()
    try:
        yield
    finally:
        child.terminate()
        child.wait()
        drain.join()
        child.stderr.close()


@contextmanager
def collector(binary: Path, configuration: str, environment: Mapping[str, str]) -> Iterator[None]:
    command = [str(binary), "--config", str(CONFIGURATIONS / configuration)]
    with running(command, environment, ready="Everything is ready"):
        yield


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[str]:
    """Its base URL. It takes remote writes and keeps exemplars."""
    configuration = folder / "prometheus.yml"
    configuration.write_text("global: {}\nstorage: {exemplars: {max_exemplars: 1000}}\n")
    command = [
        program("prometheus"),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage",
    ]
    with running(command, {}, ready="Server is ready to receive web requests"):
        yield f"http://127.0.0.1:{port}"
