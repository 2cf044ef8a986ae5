"""What the documentation shows is what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
from example_trace import final_record

from firsttoken import ProviderTrace
from firsttoken.store import Batch, JsonText, LogRecord, Origin, Store
from provider_trace.schema import complaints

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE: Final = json.loads((DOCS / "provider-trace.json").read_text(encoding="utf-8"))
PAGE: Final = (DOCS / "provider-traces.md").read_text(encoding="utf-8")


def members(value: Any, path: str = "") -> Iterator[str]:
    """Every place in a record where something stands."""
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from members(member, f"{path}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from members(item, f"{path}[]")


def test_the_example_is_a_record_with_the_members_that_such_a_call_has_today() -> None:
    assert complaints(EXAMPLE) == []
    assert ProviderTrace.from_body(EXAMPLE).attempt.number == 2
    assert set(members(final_record())) == set(members(EXAMPLE))


def test_the_question_to_the_store_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "calls.duckdb"
    with Store.open(path) as store:
        store.write(Batch(logs=tuple(_logs()))).result(30)
    (question,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with duckdb.connect(str(path), read_only=True) as database:
        ((model, session, calls, retries, cost),) = database.execute(question).fetchall()
    assert (model, session, calls, retries, str(cost.normalize())) == ("gpt-4o-mini", "s-4", 2, 2, "0.0000072")


def _logs() -> Iterator[LogRecord]:
    """Two calls, and an attempt that the SDK followed by another."""
    for position, final in enumerate((True, True, False)):
        yield LogRecord(
            delivery="delivery",
            position=position,
            trace_id="a" * 32,
            span_id="b" * 16,
            event_name="firsttoken.provider_trace",
            time_unix_ns=1,
            severity="INFO",
            body=JsonText(json.dumps(EXAMPLE)),
            origin=Origin("shop", None, "firsttoken", JsonText("{}")),
            received_unix_ns=1,
            attributes=JsonText(json.dumps({"firsttoken.attempt.final": final})),
        )


def test_every_attribute_that_the_page_names_exists() -> None:
    told = (DOCS / "telemetry.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(firsttoken\.[a-z_]+(?:\.[a-z_]+)+)`", PAGE))
    assert named
    assert {name for name in named if f"`{name}`" not in told} == set()
