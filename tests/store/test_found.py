"""What was found is found again without looking, and never of another state of the store."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from firsttoken.analyse import count_calls, report
from firsttoken.call import Timing
from firsttoken.errors import StoreError
from firsttoken.store import Batch, JsonText, Selection, Store, reader
from firsttoken.store import store as store_module
from firsttoken.store.database import Database
from firsttoken.store.found import MOST_ROWS, MOST_SELECTIONS, Found
from firsttoken.store.generation import Generation
from firsttoken.store.lookup import distinct, in_both
from firsttoken.store.retention import remove_before

from .samples import SMALLEST_CALL, call_record

SEARCH = Selection(search="blue")
FILTER = Selection(where={"colour": "blue"})
LACKING = Selection(without=("size",))


def write(store: Store, *colours: str, started_unix_ns: int = 1) -> None:
    call = replace(SMALLEST_CALL, timing=Timing(started_unix_ns, 1))
    records = [replace(call_record(call), attributes=JsonText(f'{{"colour":"{colour}"}}')) for colour in colours]
    store.write(Batch(calls=tuple(records))).result(30)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """What was looked for in all rows, each time."""
    every: list[Selection] = []

    def lookup(selection: Selection) -> object:
        every.append(selection)
        return found(selection)

    found = reader.lookup
    monkeypatch.setattr(reader, "lookup", lookup)
    return every


def test_the_questions_of_many_readers_look_once_until_more_is_written(looked: list[Selection]) -> None:
    with Store.open(None) as store:
        write(store, "blue", "red", "blue")
        assert [report(store, SEARCH).totals.calls, count_calls(store, SEARCH), count_calls(store, FILTER)] == [2, 2, 2]
        assert [count_calls(store, LACKING), count_calls(store, LACKING)] == [3, 3]
        assert looked == [SEARCH, FILTER, LACKING]
        write(store, "blue")
        assert [count_calls(store, SEARCH), count_calls(store, SEARCH)] == [3, 3]
        assert looked == [SEARCH, FILTER, LACKING, SEARCH]


def test_a_search_that_is_narrowed_looks_for_nothing_twice(looked: list[Selection]) -> None:
    with Store.open(None) as store:
        write(store, "blue", "red", "light blue", "blue")
        assert count_calls(store, SEARCH) == 3
        assert count_calls(store, replace(SEARCH, where=FILTER.where)) == 2
        assert count_calls(store, replace(SEARCH, without=LACKING.without)) == 3
        assert looked == [SEARCH, FILTER, LACKING]
        of_a_model = replace(FILTER, models=("none",))
        assert count_calls(store, replace(of_a_model, search=SEARCH.search)) == 0
        assert looked[3:] == [replace(SEARCH, models=("none",)), of_a_model]


def test_what_all_calls_have_is_found_in_all_of_them(looked: list[Selection]) -> None:
    with Store.open(None) as store:
        write(store, "blue", "light blue")
        assert [count_calls(store, SEARCH), report(store, SEARCH).totals.calls] == [2, 2]
        write(store, "red")
        assert [count_calls(store, SEARCH), report(store, SEARCH).totals.calls] == [2, 2]
        assert len(looked) == 2


def test_a_reader_that_began_before_a_commit_sees_nothing_of_it(looked: list[Selection]) -> None:
    with Store.open(None) as store:
        write(store, "blue")
        with store.read() as before:
            assert before.ask("call_count")[0]["calls"] == 1
            write(store, "blue")
            assert count_calls(store, SEARCH) == 2
            assert before.ask("call_count", None, SEARCH)[0]["calls"] == 1
        assert count_calls(store, SEARCH) == 2


def test_nothing_is_found_of_rows_that_were_removed(tmp_path: Path) -> None:
    with Store.open(tmp_path / "calls.duckdb") as store:
        write(store, *["red"] * 300, "blue", started_unix_ns=1)
        write(store, "red", "blue", "red", started_unix_ns=10)
        assert count_calls(store, SEARCH) == 2
        store.perform(lambda cursor: remove_before(cursor, 5)).result(30)
        store.perform(lambda cursor: cursor.execute("FORCE CHECKPOINT")).result(30)
        assert (count_calls(store, SEARCH), report(store, SEARCH).totals.calls) == (1, 1)


def test_nothing_is_found_of_a_file_that_was_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(cursor: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.FatalException("could not write the checkpoint")

    def let_go(database: Database) -> None:
        states.append(generation.settled())
        letting_go(database)

    states, generation, letting_go = list[int | None](), Generation(), Database.give_up
    monkeypatch.setattr(store_module, "Generation", lambda: generation)
    monkeypatch.setattr(Database, "give_up", let_go)
    with Store.open(tmp_path / "calls.duckdb") as store:
        write(store, "blue")
        with pytest.raises(StoreError, match="could not write the checkpoint"):
            store.perform(fail).result(30)
        assert states == [None]
        assert count_calls(store, SEARCH) == 1


def test_answers_while_others_write_are_of_one_state() -> None:
    """Every batch has as many blue calls as red ones."""
    with Store.open(None) as store:
        ended = threading.Event()

        def writing() -> None:
            for _ in range(60):
                write(store, "blue", "red")
            ended.set()

        writer = threading.Thread(target=writing)
        writer.start()
        try:
            while not ended.is_set():
                with store.read() as one:
                    blue = one.ask("call_count", None, SEARCH)[0]["calls"]
                    assert one.ask("call_count")[0]["calls"] == 2 * blue
        finally:
            writer.join()


def test_a_call_that_is_found_in_several_ways_is_found_once() -> None:
    for places, expected in (([3, 5, 9, 3, 9, 9, 1], [1, 3, 5, 9]), ([], [])):
        found = distinct(pa.table({"place": pa.array(places, pa.int64())}))
        assert found["place"].to_pylist() == expected
        assert in_both(found, distinct(pa.table({"place": [9, 2, 3]})))["place"].to_pylist() == expected[1::2]


def test_what_is_written_meanwhile_is_no_state() -> None:
    generation = Generation()
    first = generation.settled()
    with generation.changing():
        assert generation.settled() is None
    assert generation.settled() not in {first, None}


def test_selections_without_calls_are_not_kept_for_ever() -> None:
    found, nothing = Found(), pa.table({"place": pa.nulls(0, pa.int64())})
    for number in range(MOST_SELECTIONS + 1):
        found.keep(0, Selection(search=str(number)), nothing)
        found.keep(0, Selection(search=str(number)), nothing)
    kept = [found.places(0, Selection(search=str(number))) is nothing for number in range(MOST_SELECTIONS + 1)]
    assert kept == [False, *[True] * MOST_SELECTIONS]


def test_no_more_is_kept_than_there_is_room_for() -> None:
    found = Found()
    half = pa.table({"place": pa.nulls(MOST_ROWS // 2, pa.int64())})
    for search in ("a", "b"):
        found.keep(0, Selection(search=search), half)
    assert found.places(0, Selection(search="a")) is half
    found.keep(0, Selection(search="c"), half)
    assert [found.places(0, Selection(search=each)) is half for each in "abc"] == [True, False, True]
    found.keep(2, Selection(search="d"), half)
    assert [found.places(each, Selection(search="a")) for each in (0, 2)] == [None, None]
