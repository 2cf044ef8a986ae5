"""`firsttoken sql`: any question, and never anything but a question."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from page.samples import EVERY_KIND, STREAMED
from page.site import Site, port_of, running_site
from patience import until

import firsttoken
from firsttoken.analyse.stating import Statement
from firsttoken.cli.program import run
from firsttoken.cli.source import Source
from firsttoken.errors import SelectionError
from firsttoken.store import Store

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
STEERING = "a\x1b[2J\nb"
CALLS = (*EVERY_KIND, replace(STREAMED, request=replace(STREAMED.request, model=STEERING)))


def rows_of(source: Source, text: str, **more: Any) -> list[dict[str, object]]:
    with source.state(Statement(text=text, **more)) as rows:
        return rows.read_all().to_pylist()


def test_any_question_is_answered_by_a_file_and_by_a_server(source: Source) -> None:
    count = rows_of(source, "SELECT count(*) AS calls FROM calls WHERE provider = $p", parameters={"p": "openai"})
    assert count == [{"calls": sum(call.request.provider == "openai" for call in CALLS)}]
    assert "first_token_ns" in {row["column_name"] for row in rows_of(source, "DESCRIBE calls")}
    assert {row["name"] for row in rows_of(source, "SHOW TABLES")} >= {"calls", "spans", "logs"}
    assert rows_of(source, "explain SELECT 1")[0]["explain_key"] == "physical_plan"
    assert rows_of(source, "WITH a AS (FROM calls) /* all */ SELECT count(*) n FROM a; -- done") == [{"n": len(CALLS)}]
    assert rows_of(source, "FROM range(5)", limit=2) == [{"range": 0}, {"range": 1}]


WRITES = (
    "DELETE FROM calls",
    "DROP TABLE calls",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "INSERT INTO logs SELECT * FROM logs",
    "UPDATE calls SET model = 'x'",
    "WITH gone AS (DELETE FROM calls RETURNING *) SELECT * FROM gone",
    "EXPLAIN ANALYZE DELETE FROM calls",
    "EXPLAIN ANALYZE EXPLAIN ANALYZE DELETE FROM calls",
    "COMMIT; DROP TABLE calls",
    "SELECT 1; DROP TABLE calls",
    "SELECT 1; SELECT 2",
    "/* SELECT */ DROP TABLE calls",
    "SELECT 1 /* ; */; -- \n DROP TABLE calls",
    "COMMIT",
    "ROLLBACK",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "PREPARE q AS DROP TABLE calls",
    "EXECUTE q",
    "SET threads = 1",
    "RESET threads",
    "SET VARIABLE x = 1",
    "PRAGMA disable_optimizer",
    "PRAGMA enable_profiling",
    "CALL enable_logging()",
    "USE memory",
    "DETACH store",
    "ATTACH '{folder}/other.duckdb'",
    "ATTACH ':memory:' AS other",
    "LOAD json",
    "INSTALL httpfs",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}'",
    "COPY calls TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY calls FROM '{folder}/secret.csv'",
    "FROM '{folder}/secret.csv'",
    'FROM "{folder}/secret.csv"',
    "FROM read_csv('{folder}/secret.csv')",
    "FROM read_text('{folder}/secret.csv')",
    "SELECT (SELECT content FROM read_text('{folder}/secret.csv'))",
    "DESCRIBE FROM read_csv('{folder}/secret.csv')",
    "FROM glob('{folder}/*')",
    "FROM sniff_csv('{folder}/secret.csv')",
    "FROM query('SELECT * FROM read_text(''{folder}/secret.csv'')')",
    "FROM query_table('calls')",
    "FROM json_execute_serialized_sql('{{}}')",
    "FROM force_checkpoint()",
    "FROM enable_profiling()",
    "FROM truncate_duckdb_logs()",
    "FROM duckdb_secrets()",
    "SELECT write_log('x')",
    "SELECT nextval('x')",
    "SELECT sleep_ms(100000)",
    "SELECT getenv('HOME')",
    "SELECT file('/etc/passwd')",
    "FROM url('http://127.0.0.1/', CSV)",
    "FROM kept",
    "PIVOT calls ON provider",
    "",
    "   -- nothing",
    "SELEC 1",
    "SELECT (((",
    "SELECT \x00",
    "SELECT $missing",
    "SELECT nothing_like_it FROM calls",
)


def test_nothing_but_a_question_is_ever_run(source: Source, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nsesame\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    for write in WRITES:
        text = write.format(folder=tmp_path)
        with pytest.raises(SelectionError) as refused:
            rows_of(source, text)
        said = str(refused.value)
        assert ("\n" in said, "sesame" in said) == (False, False), text
    assert rows_of(source, "SELECT count(*) AS n FROM calls") == [{"n": len(CALLS)}]
    assert sorted(tmp_path.iterdir()) == before


def test_a_statement_that_takes_too_long_is_ended_and_the_next_one_answered(source: Source) -> None:
    began = time.monotonic()
    with pytest.raises(SelectionError, match=r"took longer than 0\.3 s and was ended"):
        rows_of(source, ENDLESS, timeout_s=0.3)
    assert time.monotonic() - began < 30
    assert rows_of(source, "SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("kind", ["file", "server"])
def test_ctrl_c_ends_a_statement_that_never_would(
    kept: Store, store_path: Path, environ: dict[str, str], kind: str
) -> None:
    def interrupted(port: int) -> None:
        with asking(environ, store_path, port) as child:
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=60)
        assert (child.returncode, out, err) == (130, "", "\n")

    if kind == "file":
        kept.close()
        interrupted(1)
    else:
        with running_site(kept) as site:  # whose end waits for what it still does
            interrupted(port_of(site))


def asking(environ: dict[str, str], store_path: Path, port: int) -> subprocess.Popen[str]:
    """A command whose statement runs when this returns."""
    program = (
        "import sys\nfrom firsttoken.cli.program import run\nprint('ready', flush=True)\nsys.exit(run(sys.argv[1:]))\n"
    )
    arguments = ["sql", ENDLESS, "--store", str(store_path), "--page-port", str(port)]
    child = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**environ, "PYTHONPATH": str(Path(firsttoken.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    busy = child.pid if port == 1 else os.getpid()
    before = cpu_seconds(busy)
    until(lambda: cpu_seconds(busy) >= before + 2, 60)
    return child


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(kept: Store, store_path: Path, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command in this process, over the store that nobody else has open."""
    kept.close()

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(["sql", *arguments, "--store", str(store_path), "--page-port", "1"])
        return (code, *capfd.readouterr())

    return ask


def test_a_table_shows_what_is_unknown_and_nothing_that_steers_a_terminal(ask: Ask) -> None:
    code, out, err = ask("SELECT model, NULL AS n, 1.50::DECIMAL(5, 2) AS d FROM calls ORDER BY length(model)")
    assert (code, err) == (0, "")
    assert r"a\x1b[2J\x0ab" in out
    assert "\x1b" not in out
    assert out.splitlines()[2].split()[-2:] == ["-", "1.50"]


def test_a_table_says_that_it_was_cut(ask: Ask) -> None:
    code, out, err = ask("FROM range(1000)")
    assert (code, len(out.splitlines()), err) == (0, 102, "the first 100 rows: there are more, see --limit\n")
    assert ask("FROM range(3)", "--limit", "3")[2] == ""
    assert ask("FROM range(4)", "--limit", "3")[2] == "the first 3 rows: there are more, see --limit\n"


def test_rows_are_written_as_json_csv_and_parquet(ask: Ask, tmp_path: Path) -> None:
    statement = "SELECT 'x' AS a, NULL AS b, 0.10::DECIMAL(9, 2) AS c, [1, 2] AS d, '=1' AS e"
    assert json.loads(ask(statement, "--json")[1]) == [{"a": "x", "b": None, "c": "0.10", "d": [1, 2], "e": "=1"}]
    assert json.loads(ask("SELECT 1 WHERE false", "--json")[1]) == []
    assert list(csv.reader(io.StringIO(ask(statement, "--csv")[1]))) == [
        ["a", "b", "c", "d", "e"],
        ["x", "", "0.10", "[1, 2]", "'=1"],
    ]
    file = tmp_path / "rows.parquet"
    assert ask("FROM range(250)", "--parquet", str(file)) == (0, "", "")
    assert pq.read_table(file).num_rows == 250
    assert ask("FROM range(250)", "--parquet", str(file))[0] == 2


def test_columns_may_have_one_name_but_in_objects(ask: Ask) -> None:
    assert ask("SELECT 1 AS a, 2 AS a")[1].splitlines()[-1].split() == ["1", "2"]
    code, out, err = ask("SELECT 1 AS a, 2 AS a, 3 AS b", "--json")
    assert (code, out) == (2, "")
    assert err == "firsttoken: 2 columns are named 'a', and an object has one: rename them with AS\n"


def test_json_of_what_is_no_number_can_be_read_and_whole_sums_are_numbers(ask: Ask) -> None:
    out = ask("SELECT 'nan'::DOUBLE AS a, [{'b': '-inf'::DOUBLE}] AS c, sum(n) AS n FROM range(3) t(n)", "--json")[1]
    assert json.loads(out, parse_constant=pytest.fail) == [{"a": "nan", "c": [{"b": "-inf"}], "n": 3}]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("5", 5), ("5e-1", 0.5), ("true", True), ("null", None), ('"5"', "5"), ("gpt-4o", "gpt-4o"), ("[1]", "[1]")],
)
def test_a_parameter_is_what_json_makes_of_it_or_a_text(ask: Ask, given: str, expected: object) -> None:
    code, out, _ = ask("SELECT $value AS value", "-p", f"value={given}", "--json")
    assert (code, json.loads(out)[0]["value"]) == (0, expected)


@pytest.mark.parametrize("given", ["value", "=5", "a b=1"])
def test_a_parameter_without_a_name_is_refused(ask: Ask, given: str) -> None:
    code, _, err = ask("SELECT 1", "-p", given)
    assert (code, err.count("\n"), "is not NAME=VALUE" in err) == (2, 1, True)


def test_what_is_no_question_is_called_that(ask: Ask) -> None:
    code, out, err = ask("DROP TABLE calls")
    assert (code, out) == (2, "")
    assert err.startswith("firsttoken: the statement is refused (it is no question): give one SELECT, ")


def test_an_error_of_the_engine_is_one_line(ask: Ask) -> None:
    code, out, err = ask("SELECT nothing_like_it FROM calls")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert 'Referenced column "nothing_like_it" not found' in err


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b'{"text": "SELECT 1"}', 415),
        ({"content-type": "text/plain"}, b'{"text": "SELECT 1"}', 415),
        ({"content-type": "application/json", "host": "evil.example"}, b'{"text": "SELECT 1"}', 421),
        ({"content-type": "application/json", "sec-fetch-site": "cross-site"}, b'{"text": "SELECT 1"}', 403),
        ({"content-type": "application/json"}, b'{"text": 1}', 400),
        ({"content-type": "application/json"}, b"SELECT 1", 400),
        ({"content-type": "application/json"}, b" " * 1_000_001, 413),
        ({"content-type": "application/json"}, b'{"text": "DROP TABLE calls"}', 422),
        ({"content-type": "application/json"}, b'{"text": "SELECT 1"}', 200),
    ],
)
def test_the_server_takes_a_statement_from_this_machine_alone(
    shared_page: Site, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert shared_page.post("/api/sql", body, headers) == status


@pytest.fixture(scope="module")
def shared_page() -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        yield site


def test_a_statement_is_not_taken_from_an_address(shared_page: Site) -> None:
    assert shared_page.get("/api/sql?text=SELECT%201").status == 405


def test_what_does_not_fit_into_memory_goes_beside_the_store(kept: Store, store_path: Path) -> None:
    with kept.read() as reader:
        found = reader.run("SELECT current_setting('temp_directory') AS folder", {}).read_all()
    assert found.to_pylist() == [{"folder": f"{store_path}.tmp"}]
