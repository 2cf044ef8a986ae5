"""A row of a call that runs says how long it has, how much has come, and whether anybody still hears of it."""

from __future__ import annotations

import re
from dataclasses import replace

from firsttoken.analyse.running import RunningCall
from firsttoken.page.bar import scale_ms
from firsttoken.page.rendering import MOST_RUNNING, render

from .samples import HOSTILE_TEXT, MS, NOON_NS
from .test_pages import words

SECOND = 1000 * MS
NOW_NS = NOON_NS + 12 * SECOND + 900 * MS
STREAM = RunningCall(
    trace_id="a" * 32,
    span_id="b" * 16,
    service="shop",
    run_id=None,
    provider="openai",
    model="gpt-5.1",
    operation="chat",
    stream=True,
    started_unix_ns=NOON_NS,
    first_chunk_ns=400 * MS,
    chunk_count=340,
    last_sign_unix_ns=NOON_NS + 12 * SECOND,
    lost=False,
)


def rows(*calls: RunningCall) -> str:
    return render("running.html", running=calls, now_unix_ns=NOW_NS)


def parts(row: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="bar-(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', row)
    return [(name, float(x), float(width)) for name, x, width in found]


def test_where_no_call_has_ended_the_scale_has_room_for_those_that_run() -> None:
    assert scale_ms([], [STREAM], NOW_NS) == 30_000.0
    assert scale_ms([], [replace(STREAM, started_unix_ns=NOW_NS + SECOND)], NOW_NS) == 1.0


def test_a_stream_that_runs_says_how_long_and_how_many_chunks_have_come() -> None:
    row = rows(STREAM)
    assert "running 12 s 340 chunks" in words(row)
    assert "gpt-5.1 openai · chat shop" in words(row)
    assert parts(row) == [("waiting", 0, 400), ("running", 400, 12_500)]
    assert f'data-since="{NOON_NS / 1e6}"' in row


def test_a_stream_without_a_chunk_only_waits() -> None:
    row = rows(replace(STREAM, first_chunk_ns=None, chunk_count=None))
    assert "running 12 s waiting" in words(row)
    assert parts(row) == [("waiting", 0, 12_900)]


def test_a_whole_answer_that_is_waited_for_has_no_chunks() -> None:
    row = rows(replace(STREAM, stream=False, first_chunk_ns=None, chunk_count=None))
    assert "running 12 s whole answer" in words(row)


def test_a_call_that_nobody_hears_of_says_for_how_long_and_its_bar_stands_still() -> None:
    row = rows(replace(STREAM, last_sign_unix_ns=NOW_NS - 40 * SECOND, started_unix_ns=NOW_NS - 50 * SECOND, lost=True))
    assert "no sign for 40 s" in words(row)
    assert "running" not in words(row)
    assert parts(row) == [("waiting", 0, 400), ("running", 400, 9_600)]


def test_a_clock_that_disagrees_counts_from_zero() -> None:
    row = rows(replace(STREAM, started_unix_ns=NOW_NS + SECOND, last_sign_unix_ns=NOW_NS + SECOND, first_chunk_ns=None))
    assert "running 0 s" in words(row)
    assert parts(row) == [("waiting", 0, 0)]


def test_of_more_calls_than_there_is_room_for_the_number_is_told() -> None:
    many = rows(*(replace(STREAM, span_id=f"{number:016x}") for number in range(MOST_RUNNING + 3)))
    assert many.count("<tr") == MOST_RUNNING + 1
    assert "and 3 more run" in words(many)


def test_strangers_text_in_a_running_row_is_never_markup() -> None:
    row = rows(replace(STREAM, model=HOSTILE_TEXT, provider=HOSTILE_TEXT, service=HOSTILE_TEXT, operation=HOSTILE_TEXT))
    assert HOSTILE_TEXT in words(row)
    assert "<script" not in row
    assert "<img" not in row
