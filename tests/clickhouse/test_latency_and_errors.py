"""How long calls took and what failed is the same on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import pytest
from store.samples import SMALLEST_CALL, call_record

from firsttoken.analyse.asking import answered
from firsttoken.analyse.catalogue import ANSWERS
from firsttoken.call import Attempt, Call, CallContext, Category, Failure, Outcome, Stage, Timing, Usage
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv.read import read_call
from firsttoken.store import Batch, Selection, Store

from .exported import write_spans
from .server import Server, new_database
from .test_calls_from_spans import START_UNIX_NS, sent

MS: Final = 1_000_000
COUNT: Final = 40


def a_call(number: int) -> Call:
    """Streams and whole answers, some that failed, were repeated or tied together, of three models and two users."""
    context = CallContext(user_id=f"u{number % 2}", retry_group=f"g{number // 10}" if number % 10 < 2 else None)
    request = replace(
        SMALLEST_CALL.request, model=(None, "a", "b")[number % 3], stream=number % 4 != 0, context=context
    )
    call = Call(request, Timing(START_UNIX_NS + number * 1_000 * MS, (100 + number) * MS), Outcome.COMPLETED)
    if number % 7 == 3:
        failure = Failure("overloaded", "", category=Category.OVERLOADED, stage=Stage.HEADERS)
        return replace(call, outcome=Outcome.FAILED, failure=failure)
    marks = (9 + number, 11 + number, 20 + number, 90 + number)
    headers, first, token, last = (mark * MS for mark in marks)
    timing = replace(
        call.timing, headers_ns=headers, first_chunk_ns=first, first_token_ns=token, last_chunk_ns=last,
        chunk_count=number, largest_gap_ns=number * MS, provider_wait_ns=80 * MS, consumer_wait_ns=number * MS,
        stall_count=number % 5, stalled_ns=number % 5 * MS,
    )  # fmt: skip
    attempts = (Attempt(2 * MS, 3 * MS), Attempt(6 * MS, 1 * MS))[: number % 3]
    return replace(call, timing=timing, usage=Usage(5, number * 10), resend_count=len(attempts), attempts=attempts)


@pytest.fixture(scope="module")
def engines(server: Server) -> Iterator[tuple[Store, ClickHouse]]:
    """Both with the same calls."""
    database = new_database(server)
    spans = [sent(a_call(number)) for number in range(COUNT)]
    write_spans(database.client, spans)
    records = [call_record(read_call(span.facts), span=(span.trace_id, span.span_id)) for span in spans]
    with Store.open(None) as store, ClickHouse.open(database.url) as clickhouse:
        store.write(Batch(calls=tuple(records))).result(30)
        yield store, clickhouse


def rounded(value: Any) -> Any:
    """But for the last digits of what was added and interpolated in another order."""
    if is_dataclass(value):
        return {field.name: rounded(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [rounded(each) for each in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


@pytest.mark.parametrize("group_by", [(), ("model",), ("user", "stream")], ids=str)
@pytest.mark.parametrize(
    "selection", [Selection(), Selection(models=("a",), where={"user": "u1"})], ids=["all", "some"]
)
@pytest.mark.parametrize("name", ["latency", "errors"])
def test_both_engines_give_the_same_answer(
    engines: tuple[Store, ClickHouse], name: str, selection: Selection, group_by: tuple[str, ...]
) -> None:
    answer = ANSWERS[name]
    options = answer.options(selection=selection, group_by=group_by)
    embedded, clustered = (rounded(answered(answer, engine, options)) for engine in engines)
    assert clustered == embedded
    assert embedded["total"]["calls"] == (COUNT if selection == Selection() else 7)
