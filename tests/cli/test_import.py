"""`firsttoken import`: what is in a file is in the store afterwards, once, and of a broken file nothing is."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import firsttoken
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import EVERYTHING, Store
from firsttoken.store.transfer import TableName

from .asking import Ask
from .conftest import FIRSTTOKEN

HOUR_BEGAN_NS = 1_795_000_000_000_000_000
ADDED_ONCE = "What was there before was not added again."


def span_line(number: int, **more: Any) -> str:
    """A span of one call, as the Collector's file exporter writes it."""
    told: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.id": f"answer-{number}",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.output_tokens": number,
        "gen_ai.input.messages": json.dumps(
            [{"role": "user", "parts": [{"type": "text", "content": "Say it. " * 99}]}]
        ),
    }
    began = HOUR_BEGAN_NS + number * 10**9
    span = {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": "chat gpt-4o",
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + 10**8),
        "attributes": [{"key": name, "value": _value(value)} for name, value in told.items()],
        **more,
    }
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"scope": {"name": "other"}, "spans": [span]}]}]})


def _value(value: Any) -> dict[str, Any]:
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def log_line(number: int) -> str:
    record = {
        "timeUnixNano": str(HOUR_BEGAN_NS + number),
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "body": {"stringValue": "said"},
    }
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


METRIC_LINE = json.dumps(
    {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [{}, {}]}}]}]}]}
)
LINES = [span_line(1), log_line(1), "", METRIC_LINE, span_line(2), span_line(3)]
TOLD = "3 calls, 0 other spans and 1 log record"


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the usual port on this machine is not asked."""
    monkeypatch.setattr("firsttoken.cli.import_command.PAGE_PORT", 1)


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    def write(*texts: str, name: str = "telemetry.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(texts) + "\n")
        return path

    return write


def rows(store_path: Path, table: TableName) -> list[dict[str, Any]]:
    """In the order of their times."""
    time = "time_unix_ns" if table == "logs" else "started_unix_ns"
    with Store.open(store_path, read_only=True) as store, store.read() as reader:
        found = [row for batch in reader.batches(table, EVERYTHING) for row in batch.to_pylist()]
    return sorted(found, key=lambda row: row[time])


def test_a_file_of_all_three_signals_is_imported(ask: Ask, lines: Callable[..., Path], store_path: Path) -> None:
    path = lines(*LINES)
    done = ask("import", str(path))
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        f"{TOLD} of {path} are in the store. {ADDED_ONCE}",
        "2 points of metrics were left out: the store keeps none.",
    ]
    assert [row["response_id"] for row in rows(store_path, "calls")] == ["answer-1", "answer-2", "answer-3"]
    assert [row["body"] for row in rows(store_path, "logs")] == ['"said"']
    assert all(row["cost_currency"] == "USD" for row in rows(store_path, "calls"))


def test_importing_twice_adds_nothing(ask: Ask, lines: Callable[..., Path], store_path: Path) -> None:
    path = lines(*LINES)
    assert [ask("import", str(path)).code for _ in range(2)] == [0, 0]
    assert ask("import", str(path), str(path)).code == 0
    assert (len(rows(store_path, "calls")), len(rows(store_path, "logs"))) == (3, 1)


def zstandard(text: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(text)
    return sink.getvalue().to_pybytes()


PACKED = pytest.mark.parametrize(
    ("name", "pack"), [("t.jsonl.gz", gzip.compress), ("t.jsonl.zst", zstandard)], ids=["gzip", "zstd"]
)


@PACKED
def test_a_compressed_file_is_unpacked(
    ask: Ask, tmp_path: Path, store_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / name).write_bytes(pack("\n".join(LINES).encode()))
    assert ask("import", str(tmp_path / name)).err.startswith(TOLD)
    assert len(rows(store_path, "calls")) == 3


@PACKED
@pytest.mark.parametrize("kept", [0.7, 0.0], ids=["cut", "other bytes"])
def test_a_compressed_file_that_is_damaged_leaves_the_store_as_it_was(
    ask: Ask, tmp_path: Path, store_path: Path, name: str, pack: Callable[[bytes], bytes], kept: float
) -> None:
    packed = pack("\n".join(LINES * 50).encode())
    path = tmp_path / name
    path.write_bytes(packed[: int(len(packed) * kept)] or b"nothing packed")
    done = ask("import", str(path))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"firsttoken: {path} is damaged")
    assert len(done.err.splitlines()) == 1
    assert not store_path.exists()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ('{"resourceSpans": [', "EOF while parsing"),
        ("no json", "no JSON"),
        ("[1]", "no OTLP: it has none of resourceSpans, resourceMetrics, resourceLogs"),
        ('{"trace_id": "1"}', "no OTLP"),
        ('{"resourceSpans": [{"scopeSpans": 3}]}', "the body is no ExportTraceServiceRequest"),
        (span_line(4, traceId="zz"), "traceId is not hexadecimal"),
        (span_line(4, endTimeUnixNano="1"), "spans that cannot be kept: 1 x ends before it starts"),
    ],
    ids=["cut", "text", "list", "other", "shape", "id", "time"],
)
def test_a_broken_line_is_named_and_nothing_is_imported(
    ask: Ask, lines: Callable[..., Path], store_path: Path, broken: str, why: str
) -> None:
    good, path = lines(span_line(1), name="good.jsonl"), lines(span_line(2), "", broken, span_line(3))
    done = ask("import", str(good), str(path))
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert done.err.startswith(f"firsttoken: {path}, line 3: ")
    assert why in done.err
    assert done.err.endswith("--keep-going leaves it out\n")
    assert not store_path.exists()


def test_what_is_broken_can_be_left_out(ask: Ask, lines: Callable[..., Path], store_path: Path, tmp_path: Path) -> None:
    path, missing = lines(span_line(1), "no json", *("[]" for _ in range(20)), span_line(2)), tmp_path / "missing"
    done = ask("import", "--keep-going", str(missing), str(path))
    assert done.code == 0
    told = done.err.splitlines()
    assert told[0].startswith("2 calls, 0 other spans and 0 log records of 2 files")
    assert told[1] == f"left out: {missing} cannot be read (No such file or directory): name another file"
    assert told[2].startswith(f"left out: {path}, line 2: no JSON")
    assert told[-1] == "left out: 12 more"
    assert len(rows(store_path, "calls")) == 2


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_is_no_file_is_one_line(ask: Ask, tmp_path: Path, name: str) -> None:
    done = ask("import", str(tmp_path / name))
    assert done.code == 2
    assert done.err.startswith(f"firsttoken: {tmp_path / name} cannot be read (")


def test_an_empty_file_is_imported(ask: Ask, lines: Callable[..., Path]) -> None:
    path, nothing = lines(""), "0 calls, 0 other spans and 0 log records"
    assert ask("import", str(path)).err == f"{nothing} of {path} are in the store. {ADDED_ONCE}\n"


@pytest.fixture
def exported(ask: Ask, lines: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """What another store holds, as `firsttoken export` writes it."""
    other = ("--store", str(tmp_path / "other.duckdb"))
    tool = span_line(9).replace("gen_ai.operation.name", "some.name")
    assert ask("import", str(lines(*LINES, tool, name="other.jsonl")), *other, "--page-port", "1").code == 0

    def export(*options: str, name: str = "rows.parquet") -> Path:
        assert ask("export", str(tmp_path / name), *options, *other, "--page-port", "1").code == 0
        return tmp_path / name

    return export


def test_what_was_exported_comes_back_as_it_was(ask: Ask, exported: Callable[..., Path], store_path: Path) -> None:
    files = [
        exported(name="calls.parquet"),
        exported("--spans", name="spans.parquet"),
        exported("--logs", name="logs.parquet"),
    ]
    for _ in range(2):
        done = ask("import", *map(str, files))
        assert (done.code, done.err[:47]) == (0, "3 calls, 1 other span and 1 log record of 3 fil")
    tables: tuple[TableName, ...] = ("calls", "spans", "logs")
    for table, file in zip(tables, files, strict=True):
        read: Any = pq.read_table(file)
        assert sorted(read.to_pylist(), key=str) == sorted(rows(store_path, table), key=str)


def test_calls_and_spans_that_were_exported_can_be_sent_to_a_server(
    ask: Ask, exported: Callable[..., Path], serving: Server, tmp_path: Path
) -> None:
    calls, spans, logs = exported(), exported("--spans", name="s.parquet"), exported("--logs", name="l.parquet")
    port = (serving.ports.page_url or "").rstrip("/").rpartition(":")[2]
    refused = ask("import", str(calls), str(logs), "--page-port", port)
    assert (refused.code, "log records" in refused.err, serving.health().spans) == (2, True, 0)
    assert ask("import", str(calls), str(spans), "--page-port", port).code == 0
    assert serving.health().spans == 4
    shown = json.loads(ask("calls", "--json", "--page-port", port).out)
    before = json.loads(ask("calls", "--json", "--page-port", "1", "--store", str(tmp_path / "other.duckdb")).out)
    assert [row["call"] for row in shown] == [row["call"] for row in before]


def changed(file: Path, column: str, value: Any) -> Path:
    """The same file with one value changed in its second row."""
    table: Any = pq.read_table(file)
    values = table[column].to_pylist()
    values[1] = value
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, column, pa.array(values, table.schema.field(column).type)), file)
    return file


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("trace_id", "zz"),
        ("span_id", None),
        ("started_unix_ns", -1),
        ("outcome", "lucky"),
        ("attributes", "{"),
        ("attributes", "[]"),
        ("events", "{}"),
        ("duration_ns", None),
        ("duration_ns", -1),
        ("duration_ns", 2**63 - 1),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_imported(
    ask: Ask, exported: Callable[..., Path], store_path: Path, column: str, value: Any
) -> None:
    file = changed(exported(), column, value)
    done = ask("import", str(file))
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert done.err.startswith(f"firsttoken: {file}, row 2: ")
    assert not store_path.exists()
    assert ask("import", "--keep-going", str(file)).err.startswith("2 calls")


def test_a_parquet_file_of_another_kind_is_refused(ask: Ask, tmp_path: Path, exported: Callable[..., Path]) -> None:
    other, cut = tmp_path / "a.parquet", exported()
    pq.write_table(pa.table({"a": [1]}), other)
    cut.write_bytes(cut.read_bytes()[:900])
    strange = exported(name="strange.parquet")
    table: Any = pq.read_table(strange)
    place = table.schema.get_field_index("input_tokens")
    pq.write_table(table.set_column(place, "input_tokens", pa.array(["many"] * 3)), strange)
    assert "no file of firsttoken export: it has no column trace_id" in ask("import", str(other)).err
    assert f"{cut} is damaged" in ask("import", str(cut)).err
    assert f"{strange} is no file of firsttoken export" in ask("import", str(strange)).err


@pytest.fixture
def serving(store_path: Path) -> Iterator[Server]:
    with Store.open(store_path) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=0)) as server:
        yield server


@pytest.mark.parametrize("named", [True, False], ids=["by its file", "by its port"])
def test_a_server_that_has_the_store_open_is_sent_everything(
    ask: Ask,
    lines: Callable[..., Path],
    serving: Server,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    if not named:
        monkeypatch.delenv("FIRSTTOKEN_STORE")
    port = serving.ports.page_url.rstrip("/").rpartition(":")[2] if serving.ports.page_url else ""
    path = lines(*LINES, *(span_line(number) for number in range(10, 60)))
    for _ in range(2):
        done = ask("import", str(path), "--page-port", port)
        assert (done.code, done.err.splitlines()[0][:9]) == (0, "53 calls,")
    serving.stop()
    health = serving.health()
    assert (health.spans, health.log_records, health.metric_points) == (106, 2, 4)


def test_a_store_that_somebody_else_has_open_is_left_alone(
    ask: Ask, lines: Callable[..., Path], store_path: Path
) -> None:
    held = "import sys; from pathlib import Path; from firsttoken.store import Store\n"
    held += "store = Store.open(Path(sys.argv[1])); print(flush=True); sys.stdin.read()"
    command = [FIRSTTOKEN.with_name("python"), "-c", held, str(store_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = ask("import", str(lines(*LINES)))
        assert (done.code, "is in use by process" in done.err) == (2, True)
        holder.communicate("")


def test_progress_is_shown_on_a_terminal(lines: Callable[..., Path], environ: dict[str, str]) -> None:
    path = lines(*(span_line(number) for number in range(1, 400)))
    master, terminal = pty.openpty()
    command = [FIRSTTOKEN, "import", path, "--page-port", "1", "--store", environ["FIRSTTOKEN_STORE"]]
    env = environ | {"TERM": "xterm", "PYTHONPATH": str(Path(firsttoken.__file__).parents[1])}
    with subprocess.Popen(command, env=env, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        try:
            while more := os.read(master, 4096):
                shown += more
        except OSError:
            pass
    os.close(master)
    assert process.returncode == 0
    assert b"imported" in shown
    assert b"399 calls" in shown
