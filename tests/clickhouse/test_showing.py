"""The page of a ClickHouse server: what is there, and what comes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from firsttoken.call import Call, Outcome, Request, Timing
from firsttoken.clickhouse import ClickHouse
from firsttoken.clickhouse.address import parse_address
from firsttoken.receive.ports import ServeSettings
from firsttoken.show import PageServer, Watched

from .exported import write_spans
from .server import Database, empty_database, running
from .test_calls_from_spans import START_UNIX_NS, sent

PROGRAM = "import sys; from firsttoken.cli import main; sys.exit(main())"
CALL = Call(Request("chat", "openai", "openai.responses", "gpt-4o"), Timing(START_UNIX_NS, 10**9), Outcome.COMPLETED)


@pytest.fixture
def page(database: Database) -> Iterator[PageServer]:
    with (
        ClickHouse.open(database.url) as warehouse,
        Watched(warehouse, pause_s=0.05) as watched,
        PageServer(watched, ServeSettings(page_port=0)) as server,
    ):
        yield server


def test_the_page_shows_what_the_server_has(database: Database, page: PageServer) -> None:
    write_spans(database.client, [sent(CALL)])

    with urlopen(f"{page.url}api/calls") as answer:
        (shown,) = json.load(answer)
    with urlopen(page.url) as answer:
        html = answer.read().decode()

    with urlopen(f"{page.url}?by=model") as answer:
        groups = answer.read().decode()
    with urlopen(f"{page.url}rows?at=0&where.model=gpt-4o") as answer:
        rows = answer.read().decode()

    assert shown["call"]["request"]["model"] == "gpt-4o"
    assert "gpt-4o" in html
    assert 'href="/?model=gpt-4o">gpt-4o' in groups
    assert rows.count("<tr data-key") == 1


def test_the_page_is_told_of_a_call_that_comes(database: Database, page: PageServer) -> None:
    with urlopen(f"{page.url}events", timeout=30) as events:
        assert "gpt-4o" not in next_event(events)
        write_spans(database.client, [sent(CALL)])
        assert "gpt-4o" in next_event(events)


def next_event(events: Iterator[bytes]) -> str:
    """The next that is about rows."""
    told = (line for line in events if line == b"event: calls\n")
    return next(next(events).decode() for _ in told)


def test_health_says_that_the_server_does_not_answer() -> None:
    with running() as gone:
        name = empty_database(gone)
        warehouse = ClickHouse(gone.client(name), parse_address(gone.url(name)))
        with (
            Watched(warehouse, pause_s=0.05) as watched,
            PageServer(watched, ServeSettings(page_port=0)) as shown,
            urlopen(f"{shown.url}api/health") as answer,
        ):
            health = json.load(answer)["health"]

    assert "make its views with what `firsttoken clickhouse schema` prints" in health["store_failure"]
    assert health["grpc_endpoint"] is None


def test_serve_shows_it_until_it_is_interrupted(database: Database) -> None:
    command = [sys.executable, "-c", PROGRAM, "serve", "--store", database.url, "--page-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        said = [served.stdout.readline() for _ in range(2)]
        with urlopen(f"{said[0].split()[1]}api/health") as answer:
            assert answer.status == 200
        served.send_signal(signal.SIGINT)
        _, complaint = served.communicate(timeout=30)

    assert complaint == ""
    assert said[1].split() == ["Store", parse_address(database.url).name]
