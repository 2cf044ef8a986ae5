"""The real command in subprocesses, away from the user's own settings, ports and store."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from page.site import port_of, record, running_site

from firsttoken.call import Call
from firsttoken.cli.program import run
from firsttoken.cli.source import Source, open_source
from firsttoken.store import Batch, Store

from .asking import Answer, Ask

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


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store_path: Path) -> Ask:
    """Runs a command in this process: what a process of its own adds is tested further down."""
    monkeypatch.setenv("FIRSTTOKEN_STORE", str(store_path))
    monkeypatch.delenv("COLUMNS", raising=False)

    def ask(*arguments: str) -> Answer:
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    return ask


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


@pytest.fixture
def kept(request: pytest.FixtureRequest, store_path: Path) -> Iterator[Store]:
    """A store with the calls that the test's module names, open."""
    calls: Sequence[Call] = request.module.CALLS
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(call, "r1") for call in calls))).result(30)
        yield store


@pytest.fixture(params=["file", "server"])
def source(request: pytest.FixtureRequest, kept: Store, store_path: Path) -> Iterator[Source]:
    """The same calls read by ourselves, and asked of a server that has the store open."""
    if request.param == "file":
        kept.close()
        with open_source(store_path, 1) as opened:
            yield opened
        return
    with running_site(kept) as site, open_source(store_path, port_of(site)) as opened:
        yield opened
