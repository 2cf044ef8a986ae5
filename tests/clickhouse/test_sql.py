"""A statement of the user's own is asked in DuckDB's SQL here too, and can do as little."""

from __future__ import annotations

import pytest
from page.samples import EVERY_KIND

from firsttoken.analyse.stating import Statement, stated
from firsttoken.clickhouse import ClickHouse
from firsttoken.errors import StatementError

from .exported import write_spans
from .server import Database
from .test_calls_from_spans import sent


def rows_of(database: Database, text: str, **parameters: str | int) -> list[dict[str, object]]:
    statement = Statement(text=text, parameters=parameters)
    with ClickHouse.open(database.url) as warehouse, stated(warehouse, statement) as rows:
        return rows.read_all().to_pylist()


def test_a_statement_is_answered_from_the_views(database: Database) -> None:
    write_spans(database.client, [sent(call) for call in EVERY_KIND])
    found = rows_of(database, "SELECT provider, count(*) AS n FROM calls WHERE provider = $p GROUP BY 1", p="openai")
    assert found == [{"provider": "openai", "n": sum(call.request.provider == "openai" for call in EVERY_KIND)}]


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE otel_traces",
        "INSERT INTO otel_logs SELECT * FROM otel_logs",
        "SELECT 1; DROP TABLE otel_traces",
        "SELECT file('/etc/passwd')",
        "FROM url('http://127.0.0.1/', 'CSV')",
        "SELECT nothing_like_it FROM calls",
    ],
)
def test_nothing_but_a_question_is_ever_run(database: Database, text: str) -> None:
    with pytest.raises(StatementError) as refused:
        rows_of(database, text)
    assert "\n" not in str(refused.value)
