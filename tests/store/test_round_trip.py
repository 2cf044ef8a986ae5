"""What goes into the store comes out of it unchanged, once."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from firsttoken.call import (
    Call,
    CallContext,
    Failure,
    Ledger,
    Parameters,
    Request,
    Response,
    Timing,
    Unpriced,
    Usage,
    stated_in_one,
)
from firsttoken.store import Batch, CallRecord, Store, call_of
from firsttoken.store.call_columns import CALL_COLUMNS

from .samples import SMALLEST_CALL, call_record, calls, ids, log_record, rows_in, span_record, write_calls

PARTS = {
    "request": Request,
    "parameters": Parameters,
    "context": CallContext,
    "timing": Timing,
    "response": Response,
    "failure": Failure,
    "usage": Usage,
}
PRICED = Ledger(Decimal(1), Decimal(2), Decimal(3), Decimal(4), currency="USD", source="a list")


def stored_call(store: Store, record: CallRecord) -> Call:
    with store.read() as reader:
        (row,) = reader.ask("find_call", {"trace_id": record.trace_id, "span_id": record.span_id})
    return call_of(row)


@given(call=calls)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_call_is_read_back_as_it_was_written(shared_store: Store, call: Call) -> None:
    (record,) = write_calls(shared_store, call)
    assert stored_call(shared_store, record) == call


@pytest.mark.parametrize("part", PARTS)
def test_every_field_of_a_call_has_a_column(part: str) -> None:
    of_the_call = {"parameters", "context", "category"}
    expected = {field.name for field in fields(PARTS[part])} - of_the_call
    assert {column.field for column in CALL_COLUMNS if column.part == part} == expected


def test_unknown_is_null_and_zero_is_zero_in_the_table(path: Path) -> None:
    with Store.open(path) as store:
        write_calls(store, replace(SMALLEST_CALL, usage=Usage(input_tokens=0)))
    with duckdb.connect(path) as connection:
        row = connection.execute("SELECT input_tokens, output_tokens, first_token_ns, cost_total FROM calls").fetchone()
    assert row == (0, None, None, None)


def test_a_total_is_the_exact_sum_of_its_parts(path: Path) -> None:
    cost = Ledger(Decimal("0.1"), Decimal("0.2"), Decimal("0.000000000001"), Decimal(3), currency="USD", source="")
    with Store.open(path) as store:
        write_calls(store, replace(SMALLEST_CALL, cost=cost))
    with duckdb.connect(path) as connection:
        assert connection.execute("SELECT cost_total FROM calls").fetchone() == (Decimal("3.300000000001"),)


def test_a_cost_that_was_stated_in_one_amount_has_a_total_and_no_parts(path: Path) -> None:
    cost = stated_in_one(Decimal("0.0377560001"), "USD", "x_ai response")
    with Store.open(path) as store:
        write_calls(store, replace(SMALLEST_CALL, cost=cost))
    with duckdb.connect(path) as connection:
        row = connection.execute("SELECT cost_total, cost_unsplit, cost_input, cost_tools FROM calls").fetchone()
    assert row == (Decimal("0.0377560001"), Decimal("0.0377560001"), None, None)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1E+10", "1E+400"])
def test_an_amount_that_no_call_costs_is_no_amount(shared_store: Store, amount: str) -> None:
    (record,) = write_calls(shared_store, replace(SMALLEST_CALL, cost=replace(PRICED, output=Decimal(amount))))
    assert stored_call(shared_store, record).cost == Unpriced("price_error")


def test_what_is_delivered_twice_is_stored_once(path: Path) -> None:
    span, other = ids(), ids()
    batch = Batch(
        calls=(call_record(span=span), call_record(span=span)),
        spans=(span_record(span=other),),
        logs=(log_record("one request", 0), log_record("one request", 1), log_record("another request", 0)),
    )
    with Store.open(path) as store:
        for _ in range(2):
            store.write(batch).result(30)
    assert rows_in(path) == {"calls": 1, "spans": 1, "logs": 3}


def test_a_call_that_comes_again_changes_nothing(shared_store: Store) -> None:
    (record,) = write_calls(shared_store, SMALLEST_CALL)
    again = replace(record, call=replace(SMALLEST_CALL, resend_count=7))
    shared_store.write(Batch(calls=(again,))).result(30)
    assert stored_call(shared_store, record) == SMALLEST_CALL


def test_what_comes_again_beside_something_new_is_left_out_alone(path: Path) -> None:
    with Store.open(path) as store:
        (record,) = write_calls(store, SMALLEST_CALL)
        store.write(Batch(calls=(call_record(), record, call_record()), spans=(span_record(),))).result(30)
    assert rows_in(path) == {"calls": 3, "spans": 1, "logs": 0}


def test_what_comes_again_after_the_store_was_closed_is_known(path: Path) -> None:
    batch = Batch(calls=(call_record(),), spans=(span_record(),), logs=(log_record("one request", 0),))
    for _ in range(2):
        with Store.open(path) as store:
            store.write(batch).result(30)
    assert rows_in(path) == {"calls": 1, "spans": 1, "logs": 1}


def test_a_span_that_was_stored_as_a_call_does_not_come_again_as_another(path: Path) -> None:
    span = ids()
    with Store.open(path) as store:
        store.write(Batch(calls=(call_record(span=span),))).result(30)
        store.write(Batch(spans=(span_record(span=span),))).result(30)
    assert rows_in(path) == {"calls": 1, "spans": 0, "logs": 0}


def test_a_log_record_without_a_time_of_its_own_that_comes_again_later_is_known(path: Path) -> None:
    first, again = (replace(log_record("one request", 0), time_unix_ns=at, received_unix_ns=at) for at in (10, 90))
    with Store.open(path) as store:
        for record in (first, again):
            store.write(Batch(logs=(record,))).result(30)
    assert rows_in(path)["logs"] == 1
