"""Whatever is wrong with a server, one clear line says so, without the password, and the exit code is 2."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from firsttoken.analyse import recent_calls
from firsttoken.cli.program import run
from firsttoken.clickhouse import ClickHouse
from firsttoken.clickhouse.address import Address, is_address, parse_address
from firsttoken.errors import StoreError

from .server import PASSWORD, USER, Server, empty_database, new_database, running


def said(capsys: pytest.CaptureFixture[str], url: str, *command: str) -> str:
    """What the command wrote to standard error, having ended with 2 and printed nothing else."""
    code = run([*(command or ("report",)), "--store", url])
    written = capsys.readouterr()
    assert (code, written.out, written.err.count("\n")) == (2, "", 1)
    assert "sesame" not in written.err
    return written.err.removeprefix("firsttoken: ").rstrip("\n")


@pytest.mark.parametrize("command", [("report",), ("calls",), ("report", "--json")], ids=" ".join)
def test_a_server_that_nobody_started_is_named(capsys, command):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert said(capsys, f"clickhouse://{USER}:sesame@127.0.0.1:{port}/otel", *command) == (
        f"cannot reach clickhouse://{USER}@127.0.0.1:{port}/otel (Connection refused): "
        "start the server there, or correct host and port"
    )


def test_a_host_that_does_not_exist_is_named(capsys):
    line = said(capsys, "clickhouse://nowhere.invalid/otel")

    assert line.startswith("cannot reach clickhouse://default@nowhere.invalid:8123/otel (")
    assert line.endswith("): start the server there, or correct host and port")


def test_a_wrong_password_is_told_and_not_repeated(capsys, server: Server):
    assert said(capsys, server.url(password="wrong-sesame")) == (  # noqa: S106
        f"clickhouse://{USER}@127.0.0.1:{server.port}/default refuses the user or the password: "
        "give them in the URL, or set FIRSTTOKEN_CLICKHOUSE_PASSWORD"
    )


def test_a_database_that_is_not_there_is_told(capsys, server: Server):
    assert said(capsys, server.url("nowhere")) == (
        f"clickhouse://{USER}@127.0.0.1:{server.port}/nowhere has no such database: "
        "name the one that the Collector writes to"
    )


def test_a_database_without_the_views_is_told_which_command_prints_them(capsys, server: Server):
    name = empty_database(server)

    assert said(capsys, server.url(name)) == (
        f"clickhouse://{USER}@127.0.0.1:{server.port}/{name} has no calls that firsttoken can read "
        "(Unknown table expression identifier 'firsttoken_settled_calls'): "
        "make its views with what `firsttoken clickhouse schema` prints"
    )


def test_a_view_of_an_older_schema_is_told_which_command_prints_the_newer(capsys, server: Server):
    database = new_database(server)
    database.client.command(
        "CREATE OR REPLACE VIEW firsttoken_settled_calls AS SELECT trace_id FROM firsttoken_call_rows"
    )

    line = said(capsys, database.url)

    assert "make its views with what `firsttoken clickhouse schema` prints" in line


def test_a_server_that_is_too_old_is_told_apart(capsys):
    with running("23.3.1.2823") as old:
        assert said(capsys, old.url()) == (
            f"clickhouse://{USER}@127.0.0.1:{old.port}/default is ClickHouse 23.3.1.2823, which is too old: "
            "firsttoken needs 24.10 or newer"
        )


class Stranger(BaseHTTPRequestHandler):
    """Knows no POST."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_program_that_is_no_clickhouse_is_told(capsys):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        line = said(capsys, f"clickhouse://127.0.0.1:{server.server_port}/otel")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert line == (
        f"clickhouse://default@127.0.0.1:{server.server_port}/otel does not answer as ClickHouse does: "
        "name the port of its HTTP interface"
    )


def test_the_password_may_come_from_the_environment(monkeypatch, server: Server):
    database = new_database(server)
    monkeypatch.setenv("FIRSTTOKEN_CLICKHOUSE_PASSWORD", PASSWORD)

    with ClickHouse.open(f"clickhouse://{USER}@127.0.0.1:{server.port}/{database.name}") as warehouse:
        assert recent_calls(warehouse) == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("clickhouse://host", Address("host", 8123)),
        ("clickhouses://host", Address("host", 8443, is_secure=True)),
        ("clickhouse://host/otel?secure=true", Address("host", 8443, "otel", is_secure=True)),
        ("clickhouse://me:a%40b@host:9000/otel/", Address("host", 9000, "otel", "me", "a@b")),
        ("clickhouse://me@[::1]:9000/otel", Address("::1", 9000, "otel", "me", "from the environment")),
        ("CLICKHOUSE://me:@host/a%20b", Address("host", 8123, "a b", "me", "")),
    ],
)
def test_a_url_names_a_server_a_database_and_who_asks(url, address):
    environment = {"FIRSTTOKEN_CLICKHOUSE_PASSWORD": "from the environment"} if "::1" in url else {}

    assert parse_address(url, environment) == address


@pytest.mark.parametrize(
    "text", ["calls.duckdb", "/data/clickhouse", "clickhouse", "./clickhouse:/x", "postgres://h/x"]
)
def test_anything_else_is_a_path(text):
    assert not is_address(text)


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://",
        "clickhouse:///otel",
        "clickhouse://me:sesame@host:no/otel",
        "clickhouse://me:ses@me:sesame@host:99999",
        "clickhouse://me:sesame@[::1/otel",
        "clickhouse://me:sesame@host/otel?secure=perhaps",
        "clickhouse://me:sesame@host/otel?timeout=5",
    ],
)
def test_a_url_that_names_no_server_is_refused_without_its_password(url):
    with pytest.raises(StoreError) as refused:
        parse_address(url)

    assert "sesame" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_neither_a_repr_nor_a_name_has_the_password():
    address = parse_address("clickhouse://me:sesame@host/otel")

    assert "sesame" not in f"{address!r} {address.name}"


@pytest.mark.parametrize("package", ["clickhouse_connect", "sqlglot"])
def test_what_has_to_be_installed_is_told_and_nothing_else_needs_it(package):
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from firsttoken.cli.program import run\n"
        "assert run(['clickhouse', 'schema', '--backfill']) == 0\n"
        "sys.exit(run(['report', '--store', 'clickhouse://host/otel']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        2,
        f"firsttoken: ClickHouse needs a package that is not here ({package}): install firsttoken[clickhouse]\n",
    )
