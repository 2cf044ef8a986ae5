"""A forked child records its own calls, once, and its parent's stay the parent's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from export.collector import Received, grpc_collector, http_collector
from export.programs import run
from firsttoken.testing import ProviderServer

COLLECTORS: dict[str, Any] = {"grpc": grpc_collector, "http/protobuf": http_collector}

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")

TRIED_AGAIN = "Transient error StatusCode.UNAVAILABLE"
"""What the gRPC exporter says when a connection did not survive the fork, and it makes another."""

CALL_THEN_FORK = """
c = client()
ask(c)
firsttoken.flush()
if os.fork() == 0:
    ask(client(), max_tokens=5)
    sys.exit(0)
os.wait()
ask(c)
"""
FORK_IN_MID_STREAM = """
stream = ask(client(), stream=True)
next(stream)
if os.fork() == 0:
    sys.exit(0)
os.wait()
list(stream)
"""
FORK_WHILE_OTHERS_CALL = """
import threading
c = client()
ask(c)
threads = [threading.Thread(target=lambda: [ask(c) for _ in range(5)]) for _ in range(4)]
for thread in threads: thread.start()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        ask(client())
        sys.exit(0)
    children.append(child)
for thread in threads: thread.join()
print([os.waitpid(child, 0)[1] for child in children])
"""
FORK_BEFORE_THE_FIRST_CALL = """
if os.fork() == 0:
    ask(client())
    sys.exit(0)
os.wait()
"""


@pytest.fixture(params=COLLECTORS)
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def collector(protocol: str) -> Iterator[Received]:
    with COLLECTORS[protocol]() as received:
        yield received


@pytest.mark.parametrize(
    ("program", "calls"),
    [
        (CALL_THEN_FORK, 3),
        (FORK_IN_MID_STREAM, 1),
        (FORK_BEFORE_THE_FIRST_CALL, 1),
        (FORK_WHILE_OTHERS_CALL, 25),
    ],
    ids=["after a call", "in mid-stream", "before the first call", "while other threads call"],
)
def test_each_call_is_sent_once_by_the_process_that_made_it(
    program: str, calls: int, protocol: str, collector: Received, server: ProviderServer
) -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "PYTHONWARNINGS": "ignore",
        "FIRSTTOKEN_EXIT_TIMEOUT_S": "30",
    }
    ended = run(program, server.openai_base_url, **environment)
    said = [line for line in ended.stderr.splitlines() if not line.startswith(TRIED_AGAIN)]
    assert (ended.status, said) == (0, [])
    assert (len(collector.spans), len(collector.logs), collector.provider_traces) == (calls, calls, calls)
