"""News of commits reach live views at once, and end when the server does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from patience import is_done_within

from firsttoken.store import Batch, Store

from .samples import call_record


def one_call() -> Batch:
    return Batch(calls=(call_record(),))


def test_a_commit_is_told_within_a_tenth_of_a_second() -> None:
    async def delay_s(store: Store) -> float:
        committed: list[float] = []
        with store.subscribe() as news:
            seen = news.current
            store.write(one_call()).add_done_callback(lambda _: committed.append(time.perf_counter()))
            assert await news.after(seen, timeout_s=30) == seen + 1
            return time.perf_counter() - committed[0]

    with Store.open(None) as store:
        assert is_done_within(0.1, lambda: asyncio.run(delay_s(store)))


def test_a_commit_that_came_before_the_question_is_told_at_once() -> None:
    async def told(store: Store) -> int | None:
        with store.subscribe() as news:
            seen = news.current
            store.write(one_call()).result(30)
            store.flush()
            return await news.after(seen, timeout_s=0)

    with Store.open(None) as store:
        assert asyncio.run(told(store)) == 1


def test_nothing_new_gives_the_same_number_after_the_timeout() -> None:
    async def told(store: Store) -> tuple[int, int | None]:
        with store.subscribe() as news:
            return news.current, await news.after(news.current, timeout_s=0.01)

    with Store.open(None) as store:
        store.write(one_call()).result(30)
        store.flush()
        assert asyncio.run(told(store)) == (1, 1)


def test_a_batch_without_rows_is_no_news() -> None:
    async def told(store: Store) -> int | None:
        with store.subscribe() as news:
            store.write(Batch()).result(30)
            store.flush()
            return await news.after(0, timeout_s=0.01)

    with Store.open(None) as store:
        assert asyncio.run(told(store)) == 0


@pytest.mark.parametrize("end", [Store.end_subscriptions, Store.close])
def test_the_end_is_told_to_those_who_wait(end: Callable[[Store], None]) -> None:
    async def told(store: Store) -> list[int | None]:
        with store.subscribe() as one, store.subscribe() as another:
            waiting = [asyncio.create_task(news.after(0, timeout_s=30)) for news in (one, another)]
            await asyncio.sleep(0)
            end(store)
            return [await each for each in waiting]

    with Store.open(None) as store:
        assert asyncio.run(told(store)) == [None, None]


def test_who_subscribes_after_an_end_is_told_again() -> None:
    async def told(store: Store) -> int | None:
        store.end_subscriptions()
        with store.subscribe() as news:
            store.write(one_call())
            return await news.after(0, timeout_s=30)

    with Store.open(None) as store:
        assert asyncio.run(told(store)) == 1


def test_a_loop_that_ended_with_a_subscription_open_does_not_stop_the_writer() -> None:
    async def subscribe(store: Store) -> None:
        store.subscribe()

    with Store.open(None) as store:
        asyncio.run(subscribe(store))
        for _ in range(2):
            assert store.write(one_call()).result(30) is None
