"""A page for other machines: the link that is printed, the token that commands show, and what cannot be asked for."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from firsttoken.access import THIS_MACHINE
from firsttoken.cli.running import find_server
from firsttoken.cli.sharing import Shared, link, with_access
from firsttoken.serve import ServeSettings

from .asking import Ask
from .conftest import FIRSTTOKEN, FREE_PORTS, unconfigured

TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk"  # noqa: S105  it opens nothing
HERE = "http://127.0.0.1:4319/"


@contextmanager
def serving(*options: object, **environ: str) -> Generator[str]:
    """The link that it prints."""
    command = [FIRSTTOKEN, "serve", *FREE_PORTS, *map(str, options)]
    with subprocess.Popen(
        command, env={**unconfigured(), **environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[1]
        server.terminate()
        assert server.communicate()[1] == ""


def status_of(port: int, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_page_for_others_prints_a_link_with_a_token_and_asks_programs_of_this_machine_for_none() -> None:
    with serving("--memory", "--page-host", "0.0.0.0") as printed:
        found = re.fullmatch(r"http://[^/]+:(\d+)(/enter\?token=([\w-]{43}))", printed)
        assert found is not None
        port, door, token = int(found[1]), found[2], found[3]
        assert status_of(port, door) == 303
        assert find_server(port) is not None
        assert status_of(port, "/api/calls", host="192.0.2.1") == 401
        assert status_of(port, "/api/calls", host="192.0.2.1", authorization=f"Bearer {token}") == 200


def test_a_token_that_was_given_is_asked_of_every_command_and_each_takes_it_from_the_same_place(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIRSTTOKEN_STORE")
    with serving("--store", tmp_path / "s.duckdb", FIRSTTOKEN_TOKEN=TOKEN) as printed:
        port = str(urlsplit(printed).port)
        assert printed == f"http://127.0.0.1:{port}/enter?token={TOKEN}"
        for command in (["calls"], ["report"], ["sql", "SELECT 1"], ["import", str(tmp_path / "none.jsonl")]):
            refused = ask(*command, "--page-port", port)
            assert (refused.code, refused.err.count("\n")) == (2, 1)
            assert f"the firsttoken on port {port} has a token: set FIRSTTOKEN_TOKEN to it" in refused.err
        monkeypatch.setenv("FIRSTTOKEN_TOKEN", TOKEN)
        assert ask("calls", "--page-port", port).code == 0
        assert ask("sql", "SELECT 1", "--page-port", port).code == 0
        monkeypatch.setenv("FIRSTTOKEN_TOKEN", TOKEN.upper())
        assert "has a token" in ask("calls", "--page-port", port).err


@pytest.mark.parametrize(
    "options",
    [
        ["--page-url", url]
        for url in ("calls.example.com", "ftp://a", "http://", "https://a/b", "https://a/?b", "http://[")
    ]
    + [["--no-page", "--page-host", "0.0.0.0"], ["--no-page", "--page-url", "https://a"]],
)
def test_a_place_for_the_page_that_cannot_be_is_refused(ask: Ask, options: list[str]) -> None:
    refused = ask("serve", "--memory", *options)
    assert refused.code == 2
    assert "--page-url" in refused.err or "--page-host" in refused.err


def test_a_token_that_is_too_short_is_refused_before_anything_is_served(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRSTTOKEN_TOKEN", "hunter2")
    refused = ask("serve", "--memory", *FREE_PORTS)
    assert refused.code == 2
    assert "FIRSTTOKEN_TOKEN must have at least 32" in refused.err
    assert "hunter2" not in refused.err


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1"])
def test_a_page_for_this_machine_alone_needs_no_token(host: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRSTTOKEN_TOKEN", raising=False)
    settings = with_access(ServeSettings(), Shared(host))
    assert settings.page_access == THIS_MACHINE
    assert link(settings, Shared(host), HERE) == HERE


def test_behind_a_proxy_everybody_needs_the_token_and_the_link_is_the_proxys() -> None:
    shared = Shared(url="https://calls.example.com/")
    settings = with_access(ServeSettings(), shared)
    access = settings.page_access
    assert (access.names, access.spares_this_machine, access.is_https) == ({"calls.example.com"}, False, True)
    assert link(settings, shared, HERE).startswith("https://calls.example.com/enter?token=")


def test_one_token_is_never_made_twice() -> None:
    tokens = [with_access(ServeSettings(), Shared("0.0.0.0")).page_access.token for _ in range(2)]
    assert None not in tokens
    assert len({token.secret for token in tokens if token}) == 2


def test_a_name_without_an_address_is_said_to_have_none(ask: Ask) -> None:
    refused = ask("serve", "--memory", *FREE_PORTS, "--page-host", "nobody.invalid")
    assert (refused.code, "cannot listen on 'nobody.invalid'" in refused.err) == (2, True)
