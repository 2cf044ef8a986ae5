"""The real command in subprocesses, away from the user's own settings, ports and store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

FIRSTTOKEN = Path(sys.executable).with_name("firsttoken")
FREE_PORTS = ("--grpc-port", "0", "--http-port", "0", "--page-port", "0")
FOREIGN = ("FIRSTTOKEN_", "OTEL_", "PYTHONPATH", "XDG_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "VIRTUAL_ENV")

Done = subprocess.CompletedProcess[str]
Cli = Callable[..., Done]


def unconfigured() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "calls.duckdb"


@pytest.fixture
def environ(tmp_path: Path, store_path: Path) -> dict[str, str]:
    """An environment in which nothing is configured but a store of this test's own."""
    return {**unconfigured(), "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "FIRSTTOKEN_STORE": str(store_path)}


@pytest.fixture
def cli(environ: dict[str, str]) -> Cli:
    """Runs `firsttoken` to its end."""

    def run(*arguments: object, env: Mapping[str, str] | None = None, **options: Any) -> Done:
        options = {"capture_output": True, "text": True, "timeout": 60, **options}
        command = [FIRSTTOKEN, *map(str, arguments)]
        return subprocess.run(command, env={**environ, **(env or {})}, check=False, **options)

    return run


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Options of a run that joins a server, which starts much faster than one of its own."""
    store = tmp_path_factory.mktemp("joined") / "calls.duckdb"
    command = [FIRSTTOKEN, "serve", "--store", store, *FREE_PORTS]
    with subprocess.Popen(command, env=unconfigured(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = re.search(r"Page +http://127\.0\.0\.1:(\d+)/", server.stdout.readline())
        assert port is not None
        yield ["run", "--store", str(store), "--page-port", port[1], "--"]
        server.terminate()
