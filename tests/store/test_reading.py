"""Reading: one consistent view, beside a writer that does not wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from firsttoken.errors import StoreError
from firsttoken.store import Reader, Store

from .samples import SMALLEST_CALL, write_calls
from .test_opening import make_store


def calls_seen(reader: Reader) -> object:
    return reader.ask("call_totals")[0]["calls"]


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


def test_the_size_is_that_of_the_files_from_the_first_call_on(path: Path, shared_store: Store) -> None:
    with Store.open(path) as store:
        write_calls(store, SMALLEST_CALL)
        with store.read() as reader:
            assert reader.size_bytes() == sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    with shared_store.read() as reader:
        assert reader.size_bytes() is None


def test_a_question_that_cannot_be_answered_is_a_store_error(shared_store: Store) -> None:
    with shared_store.read() as reader, pytest.raises(StoreError, match="cannot read the store in memory"):
        reader.ask("find_call", {"trace_id": "only half of the question"})


KEPT = ("400.0 MiB", 1)


def allowed(store: Store) -> tuple[str, int]:
    """How much memory DuckDB may keep, and how many threads it has."""
    with store._database.cursor() as cursor:
        ((memory, threads),) = cursor.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        ).fetchall()
    return memory, threads


def test_memory_and_threads_are_for_answers_and_little_of_them_is_kept_between_them(
    path: Path, shared_store: Store
) -> None:
    with Store.open(path) as store:
        kept = allowed(store)
        with store.read():
            for_an_answer = allowed(store)
            with store.read():
                pass
            assert allowed(store) == for_an_answer
        assert allowed(store) == kept == KEPT
    assert for_an_answer[0] != kept[0]
    assert for_an_answer[1] == allowed(shared_store)[1]


def test_work_between_two_commits_may_take_as_much_as_an_answer(path: Path) -> None:
    with Store.open(path) as store:
        with store.read():
            for_an_answer = allowed(store)
        assert store.perform(lambda _: allowed(store)).result(10) == for_an_answer
        assert allowed(store) == KEPT


def test_a_store_in_memory_may_have_all_of_it(shared_store: Store) -> None:
    assert allowed(shared_store)[0] != KEPT[0]
