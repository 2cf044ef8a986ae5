"""However a process ends that can be held up for a moment, each of its calls has arrived once when it is gone."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from export.collector import Received, http_collector
from export.programs import CRASHES, start
from firsttoken.testing import ProviderServer

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")

TIMEOUT_S = 100

SHUT_DOWN = """
def end():
    print(firsttoken.shutdown(30), firsttoken.shutdown(), flush=True)

ask(client())
end()
firsttoken.instrument()
ask(client())
stream = ask(client(), stream=True)
next(stream)
end()
os._exit(0)
"""
CHILDREN = """
import multiprocessing

def work(number):
    ask(client())
    return number

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    ask(client())
    children = [context.Process(target=work, args=(number,)) for number in range(2)]
    for child in children: child.start()
    for child in children: child.join()
    print([child.exitcode for child in children], flush=True)
"""
POOL = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def work(number):
    ask(client())
    return number

if __name__ == "__main__":
    ask(client())
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context({method!r})) as pool:
        print(sorted(pool.map(work, range(3))), flush=True)
"""
FLUSHED_BEFORE_EXIT = """
if (child := os.fork()) == 0:
    ask(client())
    firsttoken.flush(30)
    os._exit(0)
os.waitpid(child, 0)
"""


@pytest.fixture
def collector() -> Iterator[Received]:
    with http_collector() as received:
        yield received


def sending(collector: Received) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_BSP_SCHEDULE_DELAY": "600000",
        "OTEL_BLRP_SCHEDULE_DELAY": "600000",
        "OTEL_METRICS_EXPORTER": "none",
        "PYTHONWARNINGS": "ignore",
    }


def arrived(collector: Received) -> tuple[int, int]:
    return len(collector.spans), collector.logs.count("gen_ai.client.inference.operation.details")


@pytest.mark.parametrize(
    ("program", "said", "calls"),
    [
        (SHUT_DOWN, "True True\nTrue True\n", 3),
        (FLUSHED_BEFORE_EXIT, "", 1),
        (CHILDREN.format(method="fork"), "[0, 0]\n", 3),
        (CHILDREN.format(method="spawn"), "[0, 0]\n", 3),
        (CHILDREN.format(method="forkserver"), "[0, 0]\n", 3),
        (POOL.format(method="fork"), "[0, 1, 2]\n", 4),
        (POOL.format(method="spawn"), "[0, 1, 2]\n", 4),
    ],
    ids=["shutdown", "flush, _exit", "fork", "spawn", "forkserver", "pool of forks", "pool of spawns"],
)
def test_each_call_of_a_process_that_ends_by_itself_arrives_once(
    tmp_path: Path, collector: Received, server: ProviderServer, program: str, said: str, calls: int
) -> None:
    with start(tmp_path, program, server.openai_base_url, **sending(collector)) as process:
        output, _ = process.communicate(timeout=TIMEOUT_S)
    assert (output, process.returncode) == (said, 0)
    assert arrived(collector) == (calls, calls)


ENDED_BY_SIGTERM = """
import signal
{handler}
if {again}:
    firsttoken.instrument(firsttoken.Settings(flush_on_sigterm=True, httpx=False, exit_timeout_s=30))
ask(client())
stream = ask(client(), stream=True)
next(stream)
print("ready", flush=True)
while True:
    signal.pause()
"""
OWN_HANDLER = """
def handler(number, frame):
    os.write(1, b"handled %d\\n" % number)
    sys.exit(7)
signal.signal(signal.SIGTERM, handler)
"""
ON_ASYNCIO = """
import asyncio

async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(15, ended.set)
    ask(client())
    print("ready", flush=True)
    await ended.wait()
    print("ended", flush=True)

asyncio.run(main())
"""


def terminated(process: subprocess.Popen[str]) -> tuple[str, int]:
    """Its output and status, after a SIGTERM when it said that it was ready."""
    assert process.stdout is not None
    before = process.stdout.readline()
    assert before == "ready\n", before + process.stdout.read()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=TIMEOUT_S)
    return output, process.returncode


@pytest.mark.parametrize(
    ("program", "output", "status", "calls"),
    [
        (ENDED_BY_SIGTERM.format(handler="", again=False), "", -signal.SIGTERM, 2),
        (ENDED_BY_SIGTERM.format(handler="", again=True), "", -signal.SIGTERM, 2),
        (ENDED_BY_SIGTERM.format(handler=OWN_HANDLER, again=False), "handled 15\n", 7, 2),
        (ENDED_BY_SIGTERM.format(handler=OWN_HANDLER, again=True), "handled 15\n", 7, 2),
        (ON_ASYNCIO, "ended\n", 0, 1),
    ],
    ids=["default", "default, asked again", "a handler after ours", "a handler before ours", "asyncio"],
)
def test_a_sigterm_does_what_it_would_have_done_after_everything_was_delivered(
    tmp_path: Path, collector: Received, server: ProviderServer, program: str, output: str, status: int, calls: int
) -> None:
    environment = sending(collector) | {"FIRSTTOKEN_FLUSH_ON_SIGTERM": "true"}
    with start(tmp_path, program, server.openai_base_url, **environment) as process:
        said, ended = terminated(process)
    assert said == output
    assert ended in {status, *CRASHES}
    assert arrived(collector) == (calls, calls)


def test_nobody_traps_sigterm_who_was_not_asked_to(tmp_path: Path, collector: Received, server: ProviderServer) -> None:
    program = "import signal\nprint(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
    with start(tmp_path, program, server.openai_base_url, **sending(collector)) as process:
        assert process.communicate(timeout=TIMEOUT_S)[0] == "True\n"


def test_a_program_that_ignores_sigterm_goes_on_doing_so_and_one_that_is_left_has_its_own_back(
    tmp_path: Path, collector: Received, server: ProviderServer
) -> None:
    program = """
import signal
default = signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
firsttoken.uninstrument()
print(default, signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
firsttoken.instrument()
print(signal.getsignal(signal.SIGTERM) is signal.SIG_IGN)
"""
    environment = sending(collector) | {"FIRSTTOKEN_FLUSH_ON_SIGTERM": "true"}
    with start(tmp_path, program, server.openai_base_url, **environment) as process:
        assert process.communicate(timeout=TIMEOUT_S)[0] == "True True\nTrue\n"


def test_outside_the_main_thread_nothing_is_trapped_and_that_is_said(
    tmp_path: Path, collector: Received, server: ProviderServer
) -> None:
    program = """
import signal, threading
firsttoken.uninstrument()
thread = threading.Thread(target=firsttoken.instrument)
thread.start()
thread.join()
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
"""
    environment = sending(collector) | {"FIRSTTOKEN_FLUSH_ON_SIGTERM": "true"}
    with start(tmp_path, program, server.openai_base_url, **environment) as process:
        output, _ = process.communicate(timeout=TIMEOUT_S)
    assert "firsttoken cannot flush on SIGTERM: call instrument() in the main thread" in output
    assert output.endswith("True\n")
