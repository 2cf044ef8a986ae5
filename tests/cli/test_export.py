"""`firsttoken export`: whole calls in a file that is there when it is whole."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from page.samples import EVERY_KIND, MS, RATE_LIMITED, STREAMED
from page.site import Site, running_site
from store.samples import ORIGIN, call_record, log_record, span_record

import firsttoken
from firsttoken.analyse import recent_calls
from firsttoken.analyse.exporting import TABLE, ExportOptions
from firsttoken.analyse.listing import CALLS as LISTED
from firsttoken.analyse.listing import CallsOptions
from firsttoken.cli.new_file import OutputError, new_file
from firsttoken.cli.program import run
from firsttoken.cli.running_rows import rows_of_server
from firsttoken.cli.source import Source, open_source
from firsttoken.errors import SelectionError, ServerError
from firsttoken.store import Batch, Selection, Store, call_of
from firsttoken.store.transfer import schema_of

FORMULA = '=HYPERLINK("http://evil.example")'
CALLS = (*EVERY_KIND, replace(STREAMED, request=replace(STREAMED.request, model=FORMULA)))


@pytest.fixture
def filled(kept: Store, store_path: Path) -> Path:
    """The same, closed."""
    kept.close()
    return store_path


def test_a_parquet_file_holds_every_call_as_it_was(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "calls.parquet"
    assert run(["export", str(file), "--store", str(filled), "--page-port", "1"]) == 0
    with Store.open(filled, read_only=True) as store:
        stored = {row.span_id: row.call for row in recent_calls(store)}
    table = pq.read_table(file)
    assert table.schema.metadata[TABLE] == b"calls"
    assert {row["span_id"]: call_of(row) for row in table.to_pylist()} == stored
    assert len(stored) == len(CALLS)


def test_rows_come_with_the_types_of_the_store_from_a_file_and_from_a_server(source: Source) -> None:
    with source.export(ExportOptions()) as rows:
        table = rows.read_all()
    assert table.schema.equals(schema_of("calls"))
    kept = {row.span_id: row.call for row in source.answer(LISTED, CallsOptions(limit=100)).calls}
    assert {row["span_id"]: call_of(row) for row in table.to_pylist()} == kept
    assert len(kept) == len(CALLS)


def test_only_selected_calls_are_exported(source: Source) -> None:
    model = STREAMED.request.model
    assert model is not None
    with source.export(ExportOptions(selection=Selection(models=(model,)))) as rows:
        assert {row["model"] for row in rows.read_all().to_pylist()} == {model}


def test_a_filter_that_no_call_meets_is_refused(source: Source) -> None:
    with (
        pytest.raises(SelectionError, match="no call has the attribute 'nothing_like_it'"),
        source.export(ExportOptions(selection=Selection(where={"nothing_like_it": "1"}))),
    ):
        pass


def test_csv_has_a_cell_for_every_value_and_none_is_a_formula(filled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "-", "--format", "csv", "--store", str(filled), "--page-port", "1"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert list(rows[0]) == schema_of("calls").names
    assert {row["model"] for row in rows} >= {f"'{FORMULA}", STREAMED.request.model}
    row = next(row for row in rows if row["model"] == STREAMED.request.model and row["first_token_ns"] == str(412 * MS))
    assert (Decimal(row["cost_output"]), row["finish_reasons"], row["stream"], row["error_type"]) == (
        Decimal("0.00284"),
        '["stop"]',
        "true",
        "",
    )


def test_a_line_of_json_has_what_is_known_and_every_digit_of_money(
    filled: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "-", "--format", "jsonl", "--store", str(filled), "--page-port", "1"]) == 0
    out = capfd.readouterr().out
    rows = [json.loads(line) for line in out.splitlines()]
    assert out.isascii()
    assert len(rows) == len(CALLS)
    row = next(row for row in rows if row.get("first_token_ns") == 412 * MS)
    assert (Decimal(row["cost_output"]), row["resource"]["service.name"]) == (Decimal("0.00284"), "shop")
    assert isinstance(row["cost_output"], str)
    assert "error_type" not in row
    failed = next(row for row in rows if row.get("error_type") == "rate_limit_exceeded")
    assert [attempt["status_code"] for attempt in failed["attempts"]] == [429, None]


@pytest.mark.parametrize(("table", "expected"), [("spans", {"GET"}), ("logs", {None})])
def test_spans_and_logs_are_those_of_the_traces_of_selected_calls(
    store_path: Path, table: str, expected: set[object]
) -> None:
    here, elsewhere = call_record(STREAMED), call_record(RATE_LIMITED)
    spans = tuple(span_record(span=(call.trace_id, f"{9:016x}")) for call in (here, elsewhere))
    logs = tuple(
        replace(log_record("d", place), trace_id=trace, origin=ORIGIN)
        for place, trace in enumerate((here.trace_id, elsewhere.trace_id, None))
    )
    with Store.open(store_path) as store:
        store.write(Batch(calls=(here, elsewhere), spans=spans, logs=logs)).result(30)
    assert STREAMED.request.model is not None
    with open_source(store_path, 1) as source:
        selected = ExportOptions(table=table, selection=Selection(models=(STREAMED.request.model,)))  # type: ignore[arg-type]
        with source.export(selected) as rows:
            assert [row["trace_id"] for row in rows.read_all().to_pylist()] == [here.trace_id]
        with source.export(ExportOptions(table=table)) as rows:  # type: ignore[arg-type]
            assert rows.read_all().num_rows == len(spans if table == "spans" else logs)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["there.csv"], "there.csv is there already and was left as it is"),
        (["gone/there.csv"], "there is no folder gone"),
        (["calls.xlsx"], "calls.xlsx does not say how to write: give one of .parquet, .csv, .jsonl"),
        (["-"], "give --format csv or --format jsonl"),
        (["-", "--format", "parquet"], "Parquet needs a file"),
        (["calls.csv", "--spans", "--logs"], "--spans and --logs exclude each other"),
        (["calls.csv", "--model", "nobody"], "has no calls of model nobody"),
    ],
)
def test_a_target_that_cannot_be_is_one_line_and_changes_nothing(
    filled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "there.csv").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(folder)
    assert run(["export", *arguments, "--store", str(filled), "--page-port", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert complaint in err
    assert [(path.name, path.read_text(encoding="utf-8")) for path in folder.iterdir()] == [("there.csv", "mine")]


def test_a_file_that_fails_half_way_is_not_left_behind(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    program = "from firsttoken.cli import main; main()"
    environ = {**os.environ, "PYTHONPATH": str(Path(firsttoken.__file__).parents[1])}
    command = f"ulimit -f 4; exec {sys.executable} -c '{program}' export calls.csv --store {filled} --page-port 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        "firsttoken: calls.csv cannot be written (File too large): name another file\n",
    )
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ValueError])
def test_what_is_half_written_goes_away_however_the_writing_ends(tmp_path: Path, ending: type[BaseException]) -> None:
    with pytest.raises(ending), new_file(tmp_path / "a.csv") as file:  # noqa: PT012
        file.write(b"half")
        assert not (tmp_path / "a.csv").exists()
        raise ending
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_write_the_same_file_at_once_the_first_to_end_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(OutputError, match="is there already"), new_file(path) as slow:  # noqa: PT012
        slow.write(b"slow")
        with new_file(path) as fast:
            fast.write(b"fast")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.csv", b"fast")]


def test_a_server_that_breaks_off_is_an_error_and_not_the_end_of_the_rows(kept: Store) -> None:
    with running_site(kept) as site:
        whole = site_bytes(site, "/api/export")
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    half = whole[: len(whole) // 2]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        sender = threading.Thread(target=answer_once, args=(listener, head + b"%x\r\n" % len(half) + half + b"\r\n"))
        sender.start()
        with pytest.raises(ServerError, match="broke off its answer"), rows_of_server(port, "/api/export") as rows:
            rows.read_all()
        sender.join()


def site_bytes(site: Site, path: str) -> bytes:
    with site.asking(path) as answer:
        assert (answer.status, answer.getheader("content-type")) == (200, "application/vnd.apache.arrow.stream")
        body = answer.read()
    assert pa.ipc.open_stream(body).read_all().num_rows == len(CALLS)
    return body


def answer_once(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


@pytest.mark.parametrize("query", ["options=[]", "options=%7B%22table%22:%22firsttoken_schema%22%7D", "table=calls"])
def test_an_export_that_is_not_understood_is_refused_by_the_server(kept: Store, query: str) -> None:
    with running_site(kept) as site:
        answer = site.get(f"/api/export?{query}")
    assert (answer.status, answer.text.count("\n")) == (400, 1)
