"""Workers that a server forks from the program that is observed record their own calls, to the last of each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from patience import until

from export.collector import Received, http_collector
from export.programs import start
from export.servers import CELERY, GUNICORN, SEND
from firsttoken.testing import ProviderServer

from .test_process_ends import TIMEOUT_S, arrived, sending

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def collector() -> Iterator[Received]:
    with http_collector() as received:
        yield received


def get(port: int, path: str) -> str | None:
    try:
        with DIRECT.open(f"http://127.0.0.1:{port}{path}", timeout=TIMEOUT_S) as answer:
            return answer.read().decode()
    except OSError:
        return None


def ended(process: subprocess.Popen[str]) -> str:
    """What it said, after a SIGTERM."""
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, output
    return output


@pytest.mark.parametrize("max_requests", [0, 2], ids=["until it is stopped", "each worker for two requests"])
def test_the_calls_of_gunicorns_workers_arrive_once(
    tmp_path: Path, collector: Received, server: ProviderServer, max_requests: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--preload", "--workers", "1", "--bind", f"127.0.0.1:{port}", "--max-requests", str(max_requests)]
    command = ("-m", "gunicorn", *options, "--no-control-socket", "program:application")
    with start(tmp_path, GUNICORN, server.openai_base_url, *command, **sending(collector)) as process:
        until(lambda: get(port, "/ready") is not None or process.poll() is not None)
        workers = [get(port, "/call") for _ in range(5)]
        output = ended(process)
    assert None not in workers, output
    assert (len(set(workers)) > 1) == bool(max_requests)
    assert arrived(collector) == (5, 5)


@pytest.mark.skipif(find_spec("celery") is None, reason="celery, which wants newer versions of what is under test")
def test_the_calls_of_celerys_pool_arrive_once(tmp_path: Path, collector: Received, server: ProviderServer) -> None:
    for folder in ("queue", "control"):
        (tmp_path / folder).mkdir()
    command = (
        "-m",
        "celery",
        "-A",
        "program",
        "worker",
        "--pool",
        "prefork",
        "--concurrency",
        "2",
        "--loglevel",
        "info",
    )
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    with start(tmp_path, CELERY, server.openai_base_url, *command, *quiet, **sending(collector)) as process:
        with start(tmp_path, CELERY, server.openai_base_url, "-c", SEND.format(number=4)) as sender:
            assert sender.communicate(timeout=TIMEOUT_S)[0] == ""
        until(lambda: len(server.requests) == 4 or process.poll() is not None)
        output = ended(process)
    assert arrived(collector) == (4, 4), output
