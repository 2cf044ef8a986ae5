"""Opening a store: quick, or one clear line and an untouched file."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from firsttoken.errors import StoreError
from firsttoken.store import Store
from firsttoken.store.sql import migrations, schema_mark

from .samples import SMALLEST_CALL, TESTS, command, rows_in, write_calls

RELEASED = {
    "0001_calls": "a18fa97f152aa216c70ebc3b8524ccb6525d968a066eea4f4a0aa07297d30550",
    "0002_spans": "aad6118b9400faf68a17bd97df491d2f48147e62cc98f022e925f4bf4ab897fa",
    "0003_logs": "c13cf07ff9c636ad22667aee549cbcd9de977c675825f03004ccb7f48bfe0a36",
}
"""The steps of the schema that stores out there have taken, and the SHA-256 of each."""

OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from firsttoken.errors import StoreError
from firsttoken.store import Store
if os.getuid() == 0:
    os.setuid(65534)
try:
    Store.open(Path(sys.argv[1]))
except StoreError as error:
    print(error, file=sys.stderr)
"""


def make_text(path: Path) -> None:
    path.write_text("these are my notes\n" * 1000)


def make_short(path: Path) -> None:
    path.write_bytes(b"hi")


def make_empty(path: Path) -> None:
    path.touch()


def make_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (line TEXT)")
    connection.close()


def make_foreign(path: Path) -> None:
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE notes (line VARCHAR)")


def make_newer(path: Path) -> None:
    Store.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO firsttoken_schema VALUES (99, '0099_later', 1)")


def make_store(path: Path) -> None:
    with Store.open(path) as store:
        write_calls(store, *[SMALLEST_CALL] * 1000)


def make_truncated(path: Path) -> None:
    make_store(path)
    os.truncate(path, path.stat().st_size // 2)


def make_scribbled(path: Path) -> None:
    make_store(path)
    body = bytearray(path.read_bytes())
    body[4096:] = b"\xa5" * (len(body) - 4096)
    path.write_bytes(body)


def refusal(path: Path, *, read_only: bool = False) -> str:
    with pytest.raises(StoreError) as refused:
        Store.open(path, read_only=read_only)
    return str(refused.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_text, "is not a firsttoken store and was left as it is: name another file"),
        (make_short, "is not a firsttoken store and was left as it is: name another file"),
        (make_empty, "is not a firsttoken store and was left as it is: name another file"),
        (make_sqlite, "is not a firsttoken store and was left as it is: name another file"),
        (make_foreign, "not a firsttoken store, and was left as it is: name another file"),
        (make_newer, "schema 99, written by a newer firsttoken"),
        (make_truncated, "is damaged"),
        (make_scribbled, "is damaged"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_not_for_us_is_refused_in_one_line_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], words: str, read_only: bool
) -> None:
    make(path)
    before = path.read_bytes()
    said = refusal(path, read_only=read_only)
    assert words in said
    assert str(path) in said
    assert "\n" not in said
    assert path.read_bytes() == before


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} is a folder, not a store: name a file in it"


def test_a_file_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    assert f"{tmp_path / 'notes'}: File exists" in refusal(tmp_path / "notes" / "calls.duckdb")


def test_there_is_nothing_to_read_where_there_is_no_store(path: Path) -> None:
    assert refusal(path, read_only=True).startswith(f"there is no store at {path}: start `firsttoken serve`")
    assert not path.exists()


def test_a_new_store_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "calls.duckdb"
    Store.open(path).close()
    assert rows_in(path) == {"calls": 0, "spans": 0, "logs": 0}


def test_a_full_disk_leaves_nothing_of_a_new_store(path: Path) -> None:
    ended = subprocess.run(command("make_without_room", path), cwd=TESTS, capture_output=True, text=True, check=True)
    assert ended.stdout == f"the disk is full, so the store {path} cannot be opened: free some space\n"
    assert rows_in(path) == {"calls": 0, "spans": 0, "logs": 0}


def test_a_store_whose_file_shrank_is_not_taken_for_cut_off(path: Path) -> None:
    for count in (20_000, 10, 10, 10):
        with Store.open(path) as store:
            write_calls(store, *[SMALLEST_CALL] * count)
    with duckdb.connect(path, read_only=True) as connection:
        blocks = connection.execute("SELECT block_size * total_blocks FROM pragma_database_size()").fetchone()
    assert blocks is not None
    assert path.stat().st_size < blocks[0]
    assert rows_in(path)["calls"] == 20_030


def written_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Those of calls that are not worked out from others."""
    described = connection.execute("DESCRIBE calls").fetchall()
    return [name for name, *_ in described if name != "cost_total"]


def make_older(path: Path, version: int) -> None:
    """A store of 1000 calls as a firsttoken with that many steps of the schema left it."""
    newest = path.with_suffix(".newest")
    make_store(newest)
    with duckdb.connect(path) as connection:
        connection.execute(schema_mark())
        for step in migrations()[:version]:
            connection.execute(step.statements)
            connection.execute("INSERT INTO firsttoken_schema VALUES (?, ?, 1)", [step.version, step.name])
        connection.execute(f"ATTACH '{newest}' AS newest (READ_ONLY)")
        columns = ", ".join(written_columns(connection))
        connection.execute(f"INSERT INTO calls ({columns}) SELECT {columns} FROM newest.calls")  # noqa: S608


@pytest.mark.parametrize("version", range(1, len(migrations())))
def test_an_older_store_is_brought_up_to_date_and_keeps_its_calls(path: Path, version: int) -> None:
    make_older(path, version)
    assert f"has the older schema {version}: start `firsttoken serve` on it" in refusal(path, read_only=True)
    with Store.open(path) as store:
        write_calls(store, SMALLEST_CALL)
    assert rows_in(path) == {"calls": 1001, "spans": 0, "logs": 0}


def test_what_the_calls_of_an_older_store_cost_is_kept(path: Path) -> None:
    make_older(path, 7)
    with duckdb.connect(path) as connection:
        parts = "cost_input = 0.1, cost_cache_read = 0.02, cost_cache_write = 0, cost_output = 3"
        connection.execute(f"UPDATE calls SET {parts}, cost_tools = 0.000000000000000001, cost_currency = 'USD'")  # noqa: S608
    Store.open(path).close()
    with duckdb.connect(path) as connection:
        totals = connection.execute("SELECT DISTINCT cost_total, cost_unsplit FROM calls").fetchall()
    assert totals == [(Decimal("3.120000000000000001"), None)]


def test_a_step_of_the_schema_that_was_released_is_as_it_was() -> None:
    digests = {step.name: hashlib.sha256(step.statements.encode()).hexdigest() for step in migrations()}
    assert {name: digests[name] for name in RELEASED} == RELEASED, "add a step instead: stores have taken this one"


def test_a_step_of_the_schema_that_fails_is_not_half_done(path: Path) -> None:
    make_store(path)
    with duckdb.connect(path) as connection:
        connection.execute("DELETE FROM firsttoken_schema WHERE version >= 3")
    assert "logs" in refusal(path)
    with duckdb.connect(path) as connection:
        assert connection.execute("SELECT max(version) FROM firsttoken_schema").fetchone() == (2,)


def test_a_store_in_use_names_the_process_that_has_it(path: Path) -> None:
    holder = subprocess.Popen(
        command("hold", path), cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        for read_only in (False, True):
            assert f"is in use by process {holder.pid} (" in refusal(path, read_only=read_only)
        holder.communicate()
    Store.open(path).close()


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX")
def test_a_store_that_may_not_be_written_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.duckdb"
        make_store(path)
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        ended = subprocess.run(
            [sys.executable, "-c", OPEN_AS_NOBODY, str(path)], capture_output=True, text=True, check=False
        )
        assert ended.stderr == f"the store {path} cannot be written: change its permissions, or name another file\n"
        Path(folder).chmod(0o755)


def test_a_store_open_for_reading_is_not_written(path: Path) -> None:
    make_store(path)
    with Store.open(path, read_only=True) as store, pytest.raises(StoreError, match="open for reading only"):
        write_calls(store, SMALLEST_CALL)
