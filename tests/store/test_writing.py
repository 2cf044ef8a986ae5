"""Writing: in groups, by one thread, and whatever happens to the machine meanwhile."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from traceback import extract_stack

import pyarrow as pa
import pytest
from patience import until

from firsttoken.errors import StatementError, StoreBusyError, StoreError
from firsttoken.store import Batch, JsonText, Store
from firsttoken.store.arrow import tables_of
from firsttoken.store.database import Database
from firsttoken.store.generation import Generation
from firsttoken.store.writer import Writer

from .samples import TESTS, call_record, command, rows_in

ONE_CALL = Batch(calls=(call_record(),))
ROWS_OF_A_GROUP = 10_240
ROWS_OF_A_REQUEST = 512
GROUPS = """
SELECT sum(count) FROM pragma_storage_info('calls')
WHERE column_name = 'trace_id' AND segment_type <> 'VALIDITY'
GROUP BY row_group_id ORDER BY row_group_id
"""


class Held:
    """A writer that is kept busy after its first commit until it is let go."""

    def __init__(self, path: Path, *, capacity_bytes: int) -> None:
        self.commits = 0
        self._committed = threading.Event()
        self._let_go = threading.Event()
        self.database = Database(path, read_only=False)
        self.writer = Writer(self.database, self._wait, Generation(), capacity_bytes=capacity_bytes)
        self.writer.submit(ONE_CALL)
        assert self._committed.wait(30)

    def _wait(self) -> None:
        self.commits += 1
        self._committed.set()
        assert self._let_go.wait(30)

    def let_go(self) -> None:
        self._let_go.set()


@contextmanager
def held_writer(path: Path, *, capacity_bytes: int = 10**9) -> Iterator[Held]:
    held = Held(path, capacity_bytes=capacity_bytes)
    try:
        yield held
    finally:
        held.let_go()
        held.writer.close()
        held.database.close()


def test_more_than_may_wait_is_turned_away_at_once(path: Path) -> None:
    with held_writer(path, capacity_bytes=1) as held:
        waiting = held.writer.submit(ONE_CALL)
        with pytest.raises(StoreBusyError, match="bytes waiting: try again"):
            held.writer.submit(ONE_CALL)
        held.let_go()
        assert waiting.result(30) is None


def test_all_that_waits_goes_in_one_transaction(path: Path) -> None:
    with held_writer(path) as held:
        waiting = [held.writer.submit(Batch(calls=(call_record(),))) for _ in range(50)]
        held.let_go()
        for done in waiting:
            done.result(30)
        assert held.writer.flush(10)
        assert held.commits == 2


def test_a_batch_that_cannot_be_stored_takes_no_other_along(path: Path) -> None:
    bad = Batch(calls=(replace(call_record(), attributes=JsonText("{not json")),))
    with held_writer(path) as held:
        first, broken, last = (
            held.writer.submit(b) for b in (Batch(calls=(call_record(),)), bad, Batch(calls=(call_record(),)))
        )
        held.let_go()
        assert (first.result(30), last.result(10)) == (None, None)
        with pytest.raises(StoreError, match=r"cannot write to the store .*Malformed JSON"):
            broken.result(30)
    assert rows_in(path)["calls"] == 3


def test_a_closed_store_takes_nothing(path: Path) -> None:
    store = Store.open(path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.write(ONE_CALL)
    with pytest.raises(StoreError, match="is closed"), store.read():
        pass


def test_closing_interrupts_what_is_asked(path: Path) -> None:
    asks, ended = threading.Event(), list[str]()

    def ask(store: Store) -> None:
        with store.read() as reader:
            asks.set()
            try:
                reader.run("SELECT count(*) FROM range(9_000_000) AS a, range(90_000) AS b", {}).read_all()
            except StatementError as error:
                ended.append(str(error))

    with Store.open(path) as store:
        asker = threading.Thread(target=ask, args=(store,))
        asker.start()
        assert asks.wait(30)
        until(lambda: "to_arrow_reader" in {at.name for at in extract_stack(sys._current_frames()[asker.ident or 0])})
    asker.join(30)
    assert ended == ["INTERRUPT Error: Interrupted!"]
    assert rows_in(path)["calls"] == 0


def test_closing_commits_what_waits(path: Path) -> None:
    with Store.open(path) as store:
        for _ in range(20):
            store.write(Batch(calls=(call_record(),)))
    assert rows_in(path)["calls"] == 20


def test_the_end_of_the_program_commits_what_waits(path: Path) -> None:
    ended = subprocess.run(command("exit_without_closing", path), cwd=TESTS, capture_output=True, text=True, check=True)
    assert (ended.stderr, rows_in(path)["calls"]) == ("", 1)


def test_what_was_committed_survives_a_kill(path: Path) -> None:
    with subprocess.Popen(
        command("write_and_wait", path), cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "committed\n"
        writer.kill()
    with Store.open(path) as store, store.read() as reader:
        assert reader.ask("call_totals")[0]["calls"] == 1000


def test_rows_that_come_in_many_pieces_are_stored_in_full_groups(path: Path) -> None:
    with Store.open(path) as store:
        for first in range(0, 8 * ROWS_OF_A_GROUP, ROWS_OF_A_GROUP):
            store.write_rows({"calls": in_pieces(first, ROWS_OF_A_GROUP)}).result(60)
        groups = store.perform(lambda cursor: cursor.execute(GROUPS).fetchall()).result(30)
    assert groups == [(ROWS_OF_A_GROUP,)] * 8


def in_pieces(first: int, count: int) -> pa.Table:
    """Calls of so many traces, in the pieces that requests are."""
    call = tables_of(ONE_CALL)["calls"]
    place = call.schema.get_field_index("trace_id")
    pieces: list[pa.Table] = []
    for number in range(first, first + count, ROWS_OF_A_REQUEST):
        traces = pa.array([f"{each:032x}" for each in range(number, number + ROWS_OF_A_REQUEST)])
        piece = call.take(pa.array([0] * ROWS_OF_A_REQUEST))
        pieces.append(piece.set_column(place, "trace_id", traces))
    return pa.concat_tables(pieces)


@pytest.mark.parametrize("program", ["fill_log", "fill_file"])
def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(path: Path, program: str) -> None:
    ended = subprocess.run(command(program, path), cwd=TESTS, capture_output=True, text=True, check=True)
    full = f"the disk is full, so nothing can be written to the store {path}: free some space"
    *said, committed = ended.stdout.splitlines()
    assert said == [full, "committed", "None"]
    assert rows_in(path)["calls"] == int(committed)
    told = ended.stderr.splitlines()
    assert told == [full, f"writing to the store {path} works again"] * (len(told) // 2)
