"""Reading: one consistent view, beside a writer that does not wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from firsttoken.errors import StoreError
from firsttoken.store import Reader, Store

from .samples import SMALLEST_CALL, write_calls
from .test_opening import make_store

EVERY_CALL = {"run_id": None, "since_unix_ns": None}


def calls_seen(reader: Reader) -> object:
    return reader.ask("call_totals", EVERY_CALL)[0]["calls"]


def test_a_reader_sees_one_state_while_the_writer_goes_on(path: Path) -> None:
    with Store.open(path) as store:
        write_calls(store, SMALLEST_CALL)
        with store.read() as before:
            assert calls_seen(before) == 1
            write_calls(store, SMALLEST_CALL)
            assert calls_seen(before) == 1
            with store.read() as after:
                assert calls_seen(after) == 2


def test_a_store_opened_for_reading_answers(path: Path) -> None:
    make_store(path)
    with Store.open(path, read_only=True) as store, store.read() as reader:
        assert calls_seen(reader) == 1000


def test_a_question_that_cannot_be_answered_is_a_store_error(shared_store: Store) -> None:
    with shared_store.read() as reader, pytest.raises(StoreError, match="cannot read the store in memory"):
        reader.ask("find_call", {"trace_id": "only half of the question"})
