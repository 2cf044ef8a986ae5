"""A text is found in what a Collector wrote: in attributes, in what was said, and in log records."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firsttoken.analyse import recent_calls
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv.read import SpanFacts
from firsttoken.store import Selection

from .exported import Exported, write_log, write_spans
from .server import Server, new_database

MESSAGES = "gen_ai.input.messages"
SAID = '[{"role":"user","content":"He said \\"Ärger\\" and left"}]'


def span(number: int, **attributes: object) -> Exported:
    facts = SpanFacts({"gen_ai.operation.name": "chat", **attributes}, number, 5, is_error=False, status_message="")
    return Exported(f"{number:032x}", f"{0xABC0 + number:016x}", facts)


@pytest.fixture(scope="module")
def warehouse(server: Server) -> Iterator[ClickHouse]:
    database = new_database(server)
    spans = [span(1, release="100% of_it"), span(2, **{MESSAGES: SAID}), span(3), span(4)]
    write_spans(database.client, spans)
    write_log(database.client, spans[2], "gen_ai.client.inference.operation.details", "", {MESSAGES: "Logged alone"})
    write_log(database.client, spans[3], "an.event", "In the Body", {})
    with ClickHouse.open(database.url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RELEASE", [1]),
        ("100% OF_IT", [1]),
        ("of.it", []),
        ('said "ärger"', [2]),
        ("logged ALONE", [3]),
        ("the body", [4]),
        ("000000000000ABC4", [4]),
        (r"\d'; DROP TABLE otel_traces; --", []),
    ],
)
def test_a_text_is_found_wherever_it_stands(warehouse: ClickHouse, text: str, expected: list[int]) -> None:
    found = recent_calls(warehouse, Selection(search=text))
    assert sorted(row.call.timing.started_unix_ns for row in found) == expected
