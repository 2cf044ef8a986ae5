"""Every command that the documentation of the store and of its answers shows does what it says: it runs.

How a block of commands is marked is told at the top of docs/analysis.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from clickhouse.exported import Exported, write_spans
from clickhouse.server import PASSWORD, new_database
from clickhouse.server import running as running_clickhouse
from grafana.server import FakeGrafana
from grafana.server import running as running_grafana

import firsttoken
from firsttoken.cli.program import firsttoken as every_command
from firsttoken.semconv.read import SpanFacts
from firsttoken.semconv.write import attempt_attributes, call_attributes
from firsttoken.store import CallRecord

from .conftest import unconfigured
from .documented import DOCS, Block, Page, page_of, pages
from .known_calls import known_calls, store_of_known_calls

PAGES: Final = (
    "../README.md",
    "collector/clickhouse.md",
    "collector/docker-compose.md",
    "analysis.md",
    "store.md",
    "prices.md",
    "clickhouse.md",
    "context.md",
    "grafana.md",
)
BLOCKS: Final = tuple(pages(*PAGES))
SERVERS: Final = {"clickhouse": "clickhouse.example.com:8123/otel", "grafana": "https://grafana.example.com"}
"""What stands in the documentation for one's own."""
SHELL: Final = ("bash", "-e", "-o", "pipefail", "-c")


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[str]:
    """The same calls in ClickHouse: what its URL has after the name of the user."""
    with running_clickhouse() as server:
        database = new_database(server)
        write_spans(database.client, [exported(record) for record in known_calls()])
        yield f"127.0.0.1:{server.port}/{database.name}"


@pytest.fixture
def grafana() -> Iterator[str]:
    with running_grafana(FakeGrafana(token="...")) as server:  # noqa: S106  as the page has it
        yield server.address


def exported(record: CallRecord) -> Exported:
    call = record.call
    facts = SpanFacts(
        call_attributes(call),
        call.timing.started_unix_ns,
        call.timing.duration_ns,
        is_error=call.failure is not None,
        attempts=[attempt_attributes(attempt) for attempt in call.attempts],
    )
    return Exported(record.trace_id, record.span_id, facts, {"service.name": record.origin.service}, name=record.name)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that each test copies."""
    return store_of_known_calls(tmp_path_factory.mktemp("known") / "calls.duckdb")


@pytest.fixture
def environ(tmp_path: Path, embedded: Path) -> dict[str, str]:
    """With a copy of the known calls as the store, and with the code that these tests run."""
    store = shutil.copy(embedded, tmp_path / "calls.duckdb")
    return {
        **unconfigured(),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "FIRSTTOKEN_STORE": str(store),
        "FIRSTTOKEN_CLICKHOUSE_PASSWORD": PASSWORD,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": str(Path(firsttoken.__file__).parents[1]),
    }


@pytest.mark.parametrize(("block", "files"), BLOCKS, ids=[str(block) for block, _ in BLOCKS])
def test_a_documented_command_runs(
    block: Block, files: dict[str, str], environ: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if block.not_run is not None:
        pytest.skip(block.not_run)
    shown = SERVERS[block.needs or "clickhouse"]
    server = request.getfixturevalue(block.needs) if block.needs is not None else shown
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for command in block.commands:
        done = subprocess.run(
            [*SHELL, command.replace(shown, server)],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (command, done.returncode) == (command, block.exit_code), done.stderr + done.stdout


def test_every_command_is_named_in_the_documentation() -> None:
    told = "\n".join(path.read_text(encoding="utf-8") for path in (*DOCS.glob("*.md"), DOCS.parent / "README.md"))
    commands = [name for name, command in every_command.commands.items() if not command.hidden]
    assert [name for name in commands if f"firsttoken {name}" not in told] == []


def test_only_what_stands_behind_a_prompt_is_a_command_and_a_line_may_go_on_in_the_next() -> None:
    text = (
        "```console\n$ firsttoken calls \\\n    --limit 3   # a few\nNo calls.\n$ make demo\n$ firsttoken report\n```\n"
    )
    commands = ("firsttoken calls \\\n    --limit 3   # a few", "firsttoken report")
    assert page_of("a.md", text) == Page((Block("a.md", commands, 0, None),), {})


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("exit: 3", {"exit_code": 3, "not_run": None}),
        ("not run: needs a network", {"exit_code": 0, "not_run": "needs a network"}),
        ("needs: clickhouse", {"exit_code": 0, "not_run": None, "needs": "clickhouse"}),
    ],
    ids=["exit", "not run", "needs"],
)
def test_a_comment_above_a_block_says_how_it_ends_what_it_needs_or_why_it_is_not_run(
    marker: str, expected: dict[str, Any]
) -> None:
    text = f"<!-- {marker} -->\n```console\n$ firsttoken budget\n```\n"
    assert page_of("a.md", text).blocks == (Block("a.md", ("firsttoken budget",), **expected),)


@pytest.mark.parametrize("marker", ["exit", "not run:", "exit 1", "asks: luck", "file: a.toml"])
def test_a_comment_above_a_block_that_says_nothing_of_it_is_refused(marker: str) -> None:
    with pytest.raises(ValueError, match="says nothing of a block of commands"):
        page_of("a.md", f"<!-- {marker} -->\n```console\n$ firsttoken budget\n```\n")


def test_a_block_that_a_comment_calls_a_file_is_there_for_all_commands_of_the_page() -> None:
    text = "```console\n$ firsttoken a\n```\n<!-- file: a.toml -->\n```toml\nx = 1\n```\n```toml\ny = 2\n```\n"
    assert page_of("a.md", text).files == {"a.toml": "x = 1\n"}


def test_a_block_within_a_list_is_one_like_any_other() -> None:
    text = "1. Ask.\n\n   <!-- exit: 1 -->\n   ```console\n   $ firsttoken a\n   ```\n\n   More.\n"
    assert page_of("a.md", text).blocks == (Block("a.md", ("firsttoken a",), 1, None),)
