"""What is too old or too much goes, whole traces at a time, while others write and read."""

from __future__ import annotations

import itertools
import json
import random
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from patience import until

from firsttoken.analyse import recent_calls
from firsttoken.call import Timing
from firsttoken.errors import StoreError
from firsttoken.store import Batch, JsonText, Store
from firsttoken.store.keeping import kept_within
from firsttoken.store.retention import Keeper, Limits, Removed, remove_before
from firsttoken.store.room import measured

from .samples import SMALLEST_CALL, call_record, ids, log_record, span_record

SECOND = 10**9
DAY = 86_400 * SECOND
NOW = 20_000 * DAY


def trace(*, calls: tuple[int, ...] = (), spans: tuple[int, ...] = (), logs: tuple[int, ...] = ()) -> Batch:
    """One trace, whose items are of these times; each lasts one nanosecond."""
    trace_id, _ = ids()
    spans_of = {
        time: replace(span_record(span=(trace_id, ids()[1])), started_unix_ns=time, ended_unix_ns=time + 1)
        for time in spans
    }
    return Batch(
        calls=tuple(
            replace(call_record(replace(SMALLEST_CALL, timing=Timing(time, 1))), trace_id=trace_id) for time in calls
        ),
        spans=tuple(spans_of.values()),
        logs=tuple(
            replace(log_record(ids()[0], position), trace_id=trace_id, time_unix_ns=time)
            for position, time in enumerate(logs)
        ),
    )


ROWS_OF_TRACE = """
    SELECT count(*) FROM (
        SELECT trace_id FROM calls UNION ALL SELECT trace_id FROM spans UNION ALL SELECT trace_id FROM logs
    ) WHERE trace_id = ?
"""


def kept(store: Store, made: Batch) -> int:
    """How many rows of its trace there are."""
    trace_id = next(row.trace_id for row in (*made.calls, *made.spans, *made.logs))
    return store.perform(lambda cursor: cursor.execute(ROWS_OF_TRACE, [trace_id]).fetchall()[0][0]).result(30)


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        (0, trace(calls=(NOW - 3 * DAY,), spans=(NOW - 3 * DAY,), logs=(NOW - 2 * DAY,))),
        (3, trace(calls=(NOW - 3 * DAY,), spans=(NOW - 3 * DAY,), logs=(NOW - DAY + SECOND,))),
        (2, trace(calls=(NOW - 9 * DAY, NOW - SECOND))),
        (2, trace(calls=(NOW - 9 * DAY,), spans=(NOW - SECOND,))),
        (2, trace(logs=(NOW - 9 * DAY, NOW - SECOND))),
        (0, trace(logs=(NOW - 9 * DAY, NOW - 8 * DAY))),
        (1, trace(calls=(NOW - DAY,))),
        (0, trace(calls=(NOW - DAY - 2,))),
        (1, trace(calls=(NOW + 5 * DAY,))),
    ],
)
def test_a_trace_goes_as_a_whole_when_its_last_item_is_too_old(expected: int, made: Batch) -> None:
    with Store.open(None) as store:
        store.write(made).result(30)
        store.perform(lambda cursor: Keeper(Limits(max_age_s=86_400)).tidy(cursor, NOW)).result(30)
        assert kept(store, made) == expected


def test_log_records_of_no_trace_go_by_their_own_time() -> None:
    old, young = (
        replace(log_record(ids()[0], 0), trace_id=None, span_id=None, time_unix_ns=time) for time in (NOW - DAY, NOW)
    )
    with Store.open(None) as store:
        store.write(Batch(logs=(old, young))).result(30)
        assert store.perform(lambda cursor: remove_before(cursor, NOW)).result(30) == Removed(logs=1)


def fill(store: Store, traces: int, first: int = 0, size: int = 20_000) -> None:
    dice = random.Random(first)  # noqa: S311  repeatable
    text = [JsonText(json.dumps({"text": dice.randbytes(size // 2).hex()})) for _ in range(traces)]
    records = [
        replace(call_record(replace(SMALLEST_CALL, timing=Timing(NOW + (first + number) * SECOND, 1))), attributes=each)
        for number, each in enumerate(text)
    ]
    store.write(Batch(calls=tuple(records))).result(30)


def test_the_oldest_go_when_there_is_too_much_and_the_room_comes_back(path: Path) -> None:
    with Store.open(path) as store:
        for first in range(0, 2000, 500):
            fill(store, 500, first)
        keeper = Keeper(Limits(max_size_bytes=12_000_000))
        before = store.perform(measured).result(30).used_bytes
        removed = store.perform(lambda cursor: keeper.tidy(cursor, 0)).result(30)
        after = store.perform(measured).result(30).used_bytes
        times = [row.call.timing.started_unix_ns for row in recent_calls(store, limit=5000)]
    assert before > 12_000_000 >= after
    assert times == [NOW + number * SECOND for number in range(1999, removed.calls - 1, -1)]
    assert 0 < removed.calls < 2000


def test_no_more_goes_while_a_reader_holds_up_the_room(path: Path) -> None:
    with Store.open(path) as store:
        for first in range(0, 2000, 500):
            fill(store, 500, first)
        keeper = Keeper(Limits(max_size_bytes=12_000_000))

        def tidied() -> Removed:
            return store.perform(lambda cursor: keeper.tidy(cursor, 0)).result(30)

        with store.read() as reader:
            reader.ask("call_count")
            first_pass = tidied()
            assert first_pass.calls > 0
            assert [tidied(), tidied()] == [Removed(), Removed()]
        fill(store, 1, first=5000)
        until(lambda: tidied() == Removed() and store.perform(measured).result(30).used_bytes <= 12_000_000)
        assert len(recent_calls(store, limit=5000)) == 2001 - first_pass.calls


def test_one_trace_that_is_too_large_stays_whole(path: Path) -> None:
    with Store.open(path) as store:
        fill(store, 1, size=8_000_000)
        keeper = Keeper(Limits(max_size_bytes=1_000_000))
        store.perform(lambda cursor: keeper.tidy(cursor, 0)).result(30)
        assert len(recent_calls(store)) in {0, 1}


def test_a_store_is_kept_within_its_limits_while_it_is_written_and_read(path: Path) -> None:
    stop = threading.Event()
    with Store.open(path) as store:

        def write() -> None:
            for first in itertools.count(0, 50):
                if stop.is_set():
                    return
                fill(store, 50, first)

        writer = threading.Thread(target=write)
        with kept_within(store, Limits(max_size_bytes=4_000_000), every_s=0.05):
            writer.start()
            try:
                until(lambda: _oldest(store) > NOW, 60)
            finally:
                stop.set()
                writer.join()
        rows = recent_calls(store, limit=100_000)
    starts = [row.call.timing.started_unix_ns for row in rows]
    assert starts == list(range(starts[0], starts[-1] - 1, -SECOND))


def test_a_store_tells_what_went_and_when_it_was_last_looked_at(path: Path) -> None:
    limits = Limits(max_age_s=1.0)
    with Store.open(path) as store:
        assert store.keeping is None
        fill(store, 3)
        with kept_within(store, limits, every_s=0.05):
            until(lambda: store.keeping is not None and store.keeping.removed.calls == 3)
        kept = store.keeping
    assert kept is not None
    assert (kept.limits, kept.failure) == (limits, None)
    assert kept.last_unix_ns is not None


def test_what_waits_to_be_written_is_told(path: Path) -> None:
    begun, release = threading.Event(), threading.Event()

    def work(_: duckdb.DuckDBPyConnection) -> bool:
        begun.set()
        return release.wait(30)

    with Store.open(path) as store:
        assert store.queue.waiting_bytes == 0
        working = store.perform(work)
        assert begun.wait(30)
        done = store.write(Batch(calls=(call_record(),)))
        assert 0 < store.queue.waiting_bytes < store.queue.capacity_bytes
        release.set()
        working.result(30)
        done.result(30)
        assert store.queue.waiting_bytes == 0


def _oldest(store: Store) -> int:
    rows = recent_calls(store, limit=100_000)
    return rows[-1].call.timing.started_unix_ns if rows else 0


def test_work_that_fails_is_told_and_the_writer_goes_on(path: Path) -> None:
    with Store.open(path) as store:
        with pytest.raises(StoreError, match="cannot write to the store"):
            store.perform(lambda cursor: cursor.execute("SELECT nothing")).result(30)
        with pytest.raises(ZeroDivisionError):
            store.perform(lambda _: 1 // 0).result(30)
        fill(store, 1)
        assert len(recent_calls(store)) == 1


def test_a_store_open_for_reading_refuses_work(path: Path) -> None:
    with Store.open(path):
        pass
    with Store.open(path, read_only=True) as store, pytest.raises(StoreError, match="open for reading only"):
        store.perform(measured)
