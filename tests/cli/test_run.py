"""`firsttoken run` with a local half of its own: what it records, says and leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from firsttoken.store import Store
from firsttoken.testing import ProviderServer

from .conftest import FIRSTTOKEN, FREE_PORTS, Cli
from .terminal import Terminal

REAL_CALLS = """
import anthropic, openai, sys
message = [{"role": "user", "content": "hi"}]
client = openai.OpenAI(api_key="x")
for _ in client.chat.completions.create(model="gpt-4o-mini", messages=message, stream=True):
    pass
client.chat.completions.create(model="gpt-4o-mini", messages=message)
client = anthropic.Anthropic(api_key="x")
with client.messages.stream(model="no-such-model", max_tokens=9, messages=message) as stream:
    stream.until_done()
print("out")
sys.exit(3)
"""
SENT_CALL = """
import http.client, json, os, sys, time, urllib.parse
words = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5.1"}
attributes = [{"key": name, "value": {"stringValue": word}} for name, word in words.items()]
resource = [pair.split("=") for pair in os.environ["OTEL_RESOURCE_ATTRIBUTES"].split(",")]
resource = [{"key": name, "value": {"stringValue": word}} for name, word in resource]
span = {"traceId": os.urandom(16).hex(), "spanId": os.urandom(8).hex(), "name": "chat", "attributes": attributes,
        "startTimeUnixNano": str(time.time_ns() - 5_000_000), "endTimeUnixNano": str(time.time_ns())}
scopes = [{"scope": {"name": "test"}, "spans": [span]}]
body = {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": scopes}]}
connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["FIRSTTOKEN_LOCAL_ENDPOINT"]).netloc)
connection.request("POST", "/v1/traces", json.dumps(body), {"content-type": "application/json"})
assert connection.getresponse().status == 200
"""


def sender(*more: str) -> list[str]:
    """A program that has one call, sends it and goes on. It loads no SDK, so that it starts in no time."""
    return [sys.executable, "-I", "-c", "\n".join((SENT_CALL, *more))]


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], provider: ProviderServer) -> dict[str, str]:
    return {
        **environ,
        "OPENAI_BASE_URL": provider.openai_base_url,
        "ANTHROPIC_BASE_URL": provider.anthropic_base_url,
    }


def page_port(terminal: Terminal) -> str:
    terminal.expect("Page: http://127.0.0.1:")
    return re.search(r"\d+", terminal.expect("/"))[0]  # type: ignore[index]


def test_a_run_sums_up_its_calls_and_keeps_them(cli: Cli) -> None:
    run = cli("run", *FREE_PORTS, "--include-usage", "--", sys.executable, "-W", "ignore", "-c", REAL_CALLS)
    assert (run.returncode, run.stdout) == (3, "out\n")
    figure = r"[\d.]+ m?s"
    assert re.fullmatch(
        rf"""firsttoken: 3 calls, 0 errors
  first token  p50 {figure}, p95 {figure}
  duration     p50 {figure}, p95 {figure}
  tokens       \d+ input, \d+ output
  cost         \$0\.\d+
  unpriced: 1 call, not in the cost
""",
        run.stderr,
    )
    rows = json.loads(cli("calls", "--json").stdout)
    assert [(row["call"]["request"]["model"], row["call"]["request"]["stream"]) for row in rows] == [
        ("no-such-model", True),
        ("gpt-4o-mini", False),
        ("gpt-4o-mini", True),
    ]
    assert {row["service"] for row in rows} == {"python"}


def test_json_is_one_line_about_this_run_alone(cli: Cli, joined: list[str]) -> None:
    program = sender("print('words', file=sys.stderr)")
    first, second = (cli(joined[0], "--json", *joined[1:], *program) for _ in range(2))
    words, line, *nothing = second.stderr.split("\n")
    assert (words, nothing, second.stdout) == ("words", [""], "")
    report = json.loads(line)
    assert (report["totals"]["calls"], report["totals"]["calls_without_usage"]) == (1, 1)
    assert report["selection"]["run_id"] != json.loads(first.stderr.split("\n")[1])["selection"]["run_id"]
    asked = cli("report", "--json", *joined[1:-1], "--run", report["selection"]["run_id"])
    assert json.loads(asked.stdout)["totals"] == report["totals"]


def test_a_program_that_is_killed_keeps_what_it_had_sent(cli: Cli, joined: list[str]) -> None:
    run = cli(*joined, *sender("os.kill(os.getpid(), 9)"))
    assert run.returncode == 137
    assert run.stderr.startswith("firsttoken: 1 call, 0 errors\n")


def test_a_run_without_calls_says_why(cli: Cli, joined: list[str], tmp_path: Path) -> None:
    old = tmp_path / "openai-1.2.3.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: openai\nVersion: 1.2.3\n")
    run = cli(*joined, sys.executable, "-c", "pass", env={"PYTHONPATH": str(tmp_path)})
    reason = "openai 1.2.3 is too old to be observed: upgrade with pip install 'openai>=1.60'"
    assert (run.returncode, run.stderr.splitlines()[0]) == (0, f"firsttoken: no calls were seen: {reason}")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("FIRSTTOKEN_INCLUDE_USAGE", "maybe", "FIRSTTOKEN_INCLUDE_USAGE='maybe' is not a yes or no"),
        ("FIRSTTOKEN_CONVENTIONS", "old", "FIRSTTOKEN_CONVENTIONS='old' is none of current, older, both"),
        ("FIRSTTOKEN_EXIT_TIMEOUT_S", "soon", "FIRSTTOKEN_EXIT_TIMEOUT_S='soon' is not a number of seconds"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_refused_before_the_program_starts(
    cli: Cli, store_path: Path, name: str, value: str, complaint: str
) -> None:
    run = cli("run", *FREE_PORTS, "--", "echo", "started", env={name: value})
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith(f"firsttoken: {complaint}")
    assert not store_path.parent.exists()


@pytest.mark.parametrize(
    ("command", "option"), [(["run", "--", "echo", "started"], "--http-port"), (["serve"], "--page-port")]
)
def test_a_port_that_was_named_and_is_taken_is_refused_with_its_holder(
    cli: Cli, command: list[str], option: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cli(command[0], *FREE_PORTS, option, port, *command[1:])
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"port {port} on 127.0.0.1 is in use by" in done.stderr
    assert f"(process {os.getpid()}): stop it, or choose another with {option}" in done.stderr


def make_newer(path: Path) -> None:
    Store.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO firsttoken_schema SELECT 999, 'later', 0")


def make_damaged(path: Path) -> None:
    Store.open(path).close()
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xa5" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: path.write_text("hello"), "is not a firsttoken store and was left as it is"),
        (lambda path: path.mkdir(), "is a directory"),
        (make_newer, "upgrade firsttoken, or name another file"),
        (make_damaged, "is damaged"),
    ],
    ids=["not-ours", "directory", "newer", "damaged"],
)
def test_a_store_that_cannot_be_used_is_refused_before_the_program_starts(
    cli: Cli, tmp_path: Path, make, complaint: str
) -> None:
    path = tmp_path / "file"
    make(path)
    before = path.is_file() and path.read_bytes()
    run = cli("run", *FREE_PORTS, "--store", path, "--", "echo", "started")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert complaint in run.stderr
    assert before == (path.is_file() and path.read_bytes())


def test_a_store_that_cannot_be_written_is_refused_before_the_program_starts(cli: Cli) -> None:
    run = cli("run", *FREE_PORTS, "--store", "/proc/firsttoken/calls.duckdb", "--", "echo", "started")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "/proc/firsttoken" in run.stderr


def test_a_store_in_use_is_refused_with_its_holder(cli: Cli, store_path: Path) -> None:
    with Store.open(store_path):
        run = cli("run", *FREE_PORTS, "--", "echo", "started")
    assert (run.returncode, run.stdout) == (2, "")
    assert f"in use by process {os.getpid()}" in run.stderr


def test_on_a_terminal_the_page_stays_until_ctrl_c(environ: dict[str, str]) -> None:
    with Terminal([FIRSTTOKEN, "run", *FREE_PORTS, "--", "sh", "-c", "exit 4"], environ) as terminal:
        terminal.expect("no calls were seen")
        port = int(page_port(terminal))
        terminal.expect(" - press Ctrl-C to close")
        socket.create_connection(("127.0.0.1", port)).close()
        terminal.type("\x03")
        assert terminal.wait() == 4


@pytest.mark.parametrize("option", ["--exit", "--json"])
def test_on_a_terminal_nothing_stays_where_that_was_asked_for(environ: dict[str, str], option: str) -> None:
    with Terminal([FIRSTTOKEN, "run", *FREE_PORTS, option, "--", "true"], environ) as terminal:
        assert terminal.wait() == 0
        assert "Page:" not in terminal.text


def test_a_closed_standard_error_costs_the_summary_alone(environ: dict[str, str]) -> None:
    command = f"{FIRSTTOKEN} run {' '.join(FREE_PORTS)} -- sh -c 'echo out; exit 5' 2>&-; echo code $?"
    done = subprocess.run(["bash", "-c", command], env=environ, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("out\ncode 5\n", "")


def test_a_run_joins_the_one_that_is_there_which_waits_for_it(cli: Cli, environ: dict[str, str]) -> None:
    program = sender("print('up', flush=True)", "input()")
    pipe = subprocess.PIPE
    with Terminal([FIRSTTOKEN, "run", *FREE_PORTS, "--", "sh", "-c", "exit 4"], environ) as first:
        port = page_port(first)
        command = [FIRSTTOKEN, "run", "--page-port", port, "--", *program]
        second = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        with second:
            assert second.stdout is not None
            assert second.stdout.readline() == "up\n"
            assert json.loads(cli("report", "--json", "--page-port", port).stdout)["selection"]["run_id"] is None
            first.type("\x03")
            first.expect("firsttoken: 1 other run uses this server, which stays until they end")
            _, err = second.communicate("\n", timeout=30)
        assert second.returncode == 0
        assert err.startswith("firsttoken: 1 call, 0 errors\n")
        assert re.search(rf"\nPage: http://127\.0\.0\.1:{port}/\?run=[0-9a-f]{{16}}\n$", err)
        assert first.wait() == 4
    assert json.loads(cli("report", "--json").stdout)["totals"]["calls"] == 1


def test_a_run_with_another_store_does_not_join(cli: Cli, environ: dict[str, str], tmp_path: Path) -> None:
    with Terminal([FIRSTTOKEN, "run", *FREE_PORTS, "--", "true"], environ) as first:
        port = page_port(first)
        other = cli("run", "--page-port", port, "--store", tmp_path / "other", "--", "echo", "started")
        assert (other.returncode, other.stdout) == (2, "")
        assert f"port {port} on 127.0.0.1 is in use by firsttoken (process {first.pid})" in other.stderr
        answered = cli("calls", "--page-port", port, "--store", tmp_path / "other")
        assert (answered.returncode, answered.stderr[:30]) == (2, "firsttoken: there is no store ")


def test_a_run_is_not_lost_when_we_are_killed(cli: Cli, environ: dict[str, str]) -> None:
    program = sender("print('up', flush=True)", "input()", "print('still here')")
    pipe = subprocess.PIPE
    command = [FIRSTTOKEN, "run", *FREE_PORTS, "--", *program]
    with subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        run.send_signal(signal.SIGKILL)
        run.wait(30)
        out, _ = run.communicate("\n", timeout=30)
        assert out == "still here\n"
    assert json.loads(cli("report", "--json").stdout)["totals"]["calls"] == 1


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_a_server_answers_and_ends_cleanly(environ: dict[str, str], cli: Cli, name: str) -> None:
    command = [FIRSTTOKEN, "serve", *FREE_PORTS]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        page = server.stdout.readline()
        assert page.startswith("Page         http://127.0.0.1:")
        port = page.rpartition(":")[2].strip(" /\n")
        assert cli("calls", "--page-port", port).stdout == "No calls.\n"
        server.send_signal(getattr(signal, f"SIG{name}"))
        _, err = server.communicate(timeout=30)
    assert (server.returncode, err) == (0, "")


def test_a_server_in_memory_leaves_no_file(environ: dict[str, str], store_path: Path, cli: Cli) -> None:
    command = [FIRSTTOKEN, "serve", "--memory", "--no-page", *FREE_PORTS]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "Page         none\n"
        server.terminate()
    assert server.returncode == 0
    assert not store_path.parent.exists()


def test_memory_and_a_store_exclude_each_other(cli: Cli, tmp_path: Path) -> None:
    done = cli("serve", "--memory", "--store", tmp_path / "store")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "firsttoken: --memory and --store exclude each other. See: firsttoken serve --help\n"
