"""News are gathered no more often than they are read, nor than they can be gathered beside all else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from firsttoken.errors import StoreError, UnknownAttributeError
from firsttoken.page.part import part
from firsttoken.page.telling import LONGEST_PAUSE_S, Piece, Teller, told
from firsttoken.store import Batch, Store

from .samples import STREAMED, later
from .site import record


def commit(store: Store, number: int) -> None:
    store.write(Batch(calls=(record(later(STREAMED, number)),))).result(30)


def counting() -> tuple[Callable[[], int], list[int]]:
    """Something to gather, and how often that was done."""
    gathered: list[int] = []

    def gather() -> int:
        gathered.append(len(gathered) + 1)
        return gathered[-1]

    return gather, gathered


@pytest.mark.parametrize(
    ("expected_s", "took_s"), [(0.25, 0.0), (0.25, 0.02), (0.9, 0.1), (4.5, 0.5), (LONGEST_PAUSE_S, 60.0)]
)
def test_what_takes_longer_to_gather_is_gathered_less_often(expected_s: float, took_s: float) -> None:
    teller = Teller("sums", lambda: None, shortest_pause_s=0.25, rest=9)
    assert teller.pause_s(took_s) == pytest.approx(expected_s)


def test_for_a_browser_that_reads_nothing_nothing_more_is_gathered() -> None:
    gather, gathered = counting()

    async def scene() -> None:
        with Store.open(None) as store:
            async with aclosing(told(store, [Teller("calls", gather, 0, 0)])) as pieces:
                assert await anext(pieces) == Piece("calls", 1)
                for number in range(20):
                    await asyncio.to_thread(commit, store, number)
                assert await anext(pieces) == Piece("calls", 2)

    asyncio.run(scene())
    assert len(gathered) <= 4


def test_each_kind_of_news_comes_in_its_own_time() -> None:
    slow, slowly_gathered = counting()
    quick, _ = counting()
    tellers = [Teller("slow", slow, 3600, 0), Teller("quick", quick, 0, 0)]

    async def scene() -> None:
        with Store.open(None) as store:
            async with aclosing(told(store, tellers)) as pieces:
                assert {(await anext(pieces)).name, (await anext(pieces)).name} == {"slow", "quick"}
                for number in range(3):
                    await asyncio.to_thread(commit, store, number)
                    assert await anext(pieces) == Piece("quick", number + 2)

    asyncio.run(scene())
    assert slowly_gathered == [1]


def test_news_end_where_the_store_cannot_be_asked() -> None:
    def gather() -> None:
        raise StoreError("the store is gone")

    async def scene() -> None:
        with Store.open(None) as store:
            async with aclosing(told(store, [Teller("calls", gather, 0, 0)])) as pieces:
                assert [piece async for piece in pieces] == []

    asyncio.run(scene())


def test_news_end_where_something_of_ours_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    def gather() -> None:
        raise ZeroDivisionError

    async def scene() -> list[Piece]:
        with Store.open(None) as store:
            return [piece async for piece in told(store, [Teller("calls", gather, 0, 0)])]

    assert asyncio.run(asyncio.wait_for(scene(), 30)) == []
    assert "the page is not told of calls" in caplog.text


def test_a_name_that_a_call_brought_makes_no_line_of_its_own_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def gather() -> None:
        raise UnknownAttributeError("feature", "features\nERROR \x1b[31mall is lost", "")

    async def scene() -> None:
        with Store.open(None) as store:
            assert [piece async for piece in told(store, [Teller("calls", gather, 0, 0)])] == []

    asyncio.run(asyncio.wait_for(scene(), 30))
    assert part(gather)().problem is not None
    said = [record.getMessage() for record in caplog.records if "did you mean" in record.getMessage()]
    assert [each.isprintable() for each in said] == [True, True]
    assert all(r"features\x0aERROR \x1b[31mall is lost?" in each for each in said)


def test_news_end_at_once_when_the_store_ends_its_subscriptions_however_long_one_rests() -> None:
    gather, _ = counting()
    tellers = [Teller("resting", gather, 3600, 0), Teller("calls", gather, 0, 0)]

    async def scene() -> None:
        with Store.open(None) as store:
            async with aclosing(told(store, tellers)) as pieces:
                await anext(pieces)
                await anext(pieces)
                store.end_subscriptions()
                assert [piece async for piece in pieces] == []

    asyncio.run(scene())
