"""An id means one call, several or none."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from store.samples import SMALLEST_CALL, call_record

from firsttoken.analyse import find_call
from firsttoken.analyse.asking import answered
from firsttoken.analyse.showing import MOST_NAMED, SHOW, ShowAnswer, ShowOptions
from firsttoken.call import Call, Response, Timing
from firsttoken.store import Batch, Store

FIRST = ("aaaa0000" * 4, "abcdef0000000001")
SECOND = ("aaaa0000" * 3 + "bbbb0000", "abcdef0000000002")
SIBLING = (SECOND[0], "1234567890abcdef")


def a_call(started: int, response_id: str | None = None, request_id: str | None = None) -> Call:
    return replace(SMALLEST_CALL, timing=Timing(started, 1), response=Response(response_id, request_id=request_id))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    records = (
        call_record(a_call(1, "chatcmpl-Ab", "req_one"), span=FIRST),
        call_record(a_call(2, "chatcmpl-Abc", "req_two"), span=SECOND),
        call_record(a_call(3, "id%", FIRST[1]), span=SIBLING),
        *(call_record(a_call(9, f"many-{number}"), span=(f"{number:032x}", f"{number:016x}")) for number in range(30)),
    )
    with Store.open(None) as opened:
        opened.write(Batch(calls=records)).result(30)
        yield opened


def asked(store: Store, call_id: str) -> ShowAnswer:
    return answered(SHOW, store, ShowOptions(id=call_id))


@pytest.mark.parametrize(
    ("meant", "call_id"),
    [
        ([SECOND], SECOND[1]),
        ([SECOND], f"  {SECOND[1].upper()}\n"),
        ([FIRST], FIRST[0]),
        ([SIBLING, SECOND], SECOND[0]),
        ([SIBLING], "/".join(SIBLING)),
        ([SIBLING], "/".join(SIBLING)[:40]),
        ([SIBLING], SIBLING[1][:6]),
        ([SIBLING, SECOND, FIRST], "abcdef"),
        ([SIBLING, SECOND, FIRST], "aaaa00"),
        ([SIBLING, FIRST], FIRST[1]),
        ([FIRST], "req_one"),
        ([FIRST], "chatcmpl-Ab"),
        ([SECOND], "chatcmpl-Abc"),
        ([SECOND, FIRST], "chatcmpl-A"),
        ([SIBLING], "id%"),
        ([], "chatcmpl-ab"),
        ([], "abcde"),
        ([], "req_%"),
        ([], "req_on_"),
        ([], ""),
        ([], "' OR 1=1 --"),
        ([], "\0"),
        ([], "/"),
    ],
    ids=itertools.count(),
)
def test_an_id_means_what_has_it_whole_or_else_what_begins_like_it(
    store: Store, meant: list[tuple[str, str]], call_id: str
) -> None:
    found = asked(store, call_id)
    assert [(row.trace_id, row.span_id) for row in found.rows] == meant
    assert found.detail == (find_call(store, *meant[0]) if len(meant) == 1 else None)


def test_no_more_than_so_many_calls_are_named(store: Store) -> None:
    found = asked(store, "many-1"[:5] + "1")
    assert (len(asked(store, "000000").rows), found.detail) == (MOST_NAMED, find_call(store, f"{1:032x}", f"{1:016x}"))
