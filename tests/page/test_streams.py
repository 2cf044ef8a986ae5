"""Live news come within a second and end with the server; a hold is counted for as long as its client lives."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, cast

import pytest
from patience import is_done_within, until
from starlette.types import ASGIApp, Message, Scope

from firsttoken.analyse import Health
from firsttoken.call import Call
from firsttoken.page import create_app, streams
from firsttoken.store import Store

from .samples import NO_USAGE, STREAMED, later
from .signs import begun, say, sign
from .site import Site, ids, running_site
from .test_pages import words


def news(answer: http.client.HTTPResponse, name: str = "calls") -> Iterator[dict[str, Any]]:
    """The pieces of news of one kind in an open answer, each as soon as it is there."""
    told = b""
    while line := answer.readline():
        if line.startswith(b"event: "):
            told = line.removeprefix(b"event: ").strip()
        if line.startswith(b"data: ") and told == name.encode():
            yield json.loads(line.removeprefix(b"data: "))


def keys(piece: dict[str, Any]) -> list[str]:
    return [row["key"] for row in piece["rows"]]


def key(call: Call) -> str:
    return "/".join(ids(call))


def holders(site: Site) -> int:
    return json.loads(site.get("/api/health").text)["holders"]


def test_news_begin_with_all_that_the_page_shows(site: Site) -> None:
    site.add(STREAMED, NO_USAGE)
    with site.asking("/events") as answer:
        assert answer.getheader("content-type") == "text/event-stream; charset=utf-8"
        piece = next(news(answer))
    assert piece["keys"] == keys(piece) == [key(NO_USAGE), key(STREAMED)]
    assert (piece["running_calls"], piece["scale"]["ms"]) == (0, 2500.0)


def test_the_sums_are_told_as_the_page_shows_them(site: Site) -> None:
    site.add(STREAMED, NO_USAGE)
    with site.asking("/events?model=gpt-5.1") as answer:
        piece = next(news(answer, "sums"))
    assert piece["calls"] == 2
    assert piece["totals"].strip() in site.get("/").text


def test_the_order_of_the_newest_calls_is_told_when_one_that_began_earlier_ends_later(site: Site) -> None:
    with site.asking("/events") as answer:
        pieces = news(answer)
        next(pieces)
        site.add(later(STREAMED, 2))
        next(pieces)
        site.add(later(STREAMED, 1))
        piece = next(pieces)
    assert piece["keys"] == [key(later(STREAMED, 2)), key(later(STREAMED, 1))]
    assert keys(piece) == [key(later(STREAMED, 1))]


def test_who_reads_further_down_is_told_how_many_calls_are_newer_and_no_rows(site: Site) -> None:
    site.add(STREAMED)
    with site.asking(f"/events?newer_than={STREAMED.timing.started_unix_ns}") as answer:
        pieces = news(answer)
        assert next(pieces) == {"newer": 0}
        site.add(later(STREAMED, 1), later(STREAMED, 2), later(STREAMED, -1))
        assert next(pieces) == {"newer": 2}


@pytest.mark.parametrize("question", ["first=slowest", "by=model"])
def test_of_a_list_on_which_nothing_comes_on_top_only_the_sums_are_told(site: Site, question: str) -> None:
    site.add(STREAMED)
    told: list[bytes] = []
    with site.asking(f"/events?{question}") as answer:
        while told.count(b"event: sums\n") < 2:
            told.append(answer.readline())
            assert told[-1] != b""
            if told[-1] == b"event: sums\n":
                site.add(later(STREAMED, len(told)))
    assert b"event: calls\n" not in told


def test_a_call_is_told_within_a_second_and_once(site: Site) -> None:
    with site.asking("/events") as answer:
        pieces = news(answer)
        assert keys(next(pieces)) == []
        numbers = itertools.count()

        def told_after_s() -> float:
            call, began = later(STREAMED, next(numbers)), time.monotonic()
            site.add(call)
            assert keys(next(pieces)) == [key(call)]
            return time.monotonic() - began

        assert is_done_within(1, told_after_s)
        site.add(NO_USAGE)
        assert keys(next(pieces)) == [key(NO_USAGE)]


def test_a_row_in_the_news_is_the_row_of_the_page(site: Site) -> None:
    site.add(STREAMED)
    with site.asking("/events") as answer:
        (row,) = next(news(answer))["rows"]
    assert row["html"].strip() in site.get("/").text


def test_news_of_one_run_are_about_its_calls_only(site: Site) -> None:
    with site.asking("/events?run=mine") as answer:
        pieces = news(answer)
        next(pieces)
        site.add(STREAMED, run_id="other")
        site.add(NO_USAGE, run_id="mine")
        told = next(filter(None, map(keys, pieces)))
    assert told == [key(NO_USAGE)]


def test_a_call_that_runs_is_told_until_it_ends(site: Site) -> None:
    call = begun(12.5)
    say(site, sign(call, 340))
    assert "running 12 s 340 chunks" in words(site.get("/").text)
    with site.asking("/events") as answer:
        pieces = news(answer)
        piece = next(pieces)
        assert (piece["running_calls"], keys(piece)) == (1, [])
        assert "340 chunks" in words(piece["running"])
        site.add(call)
        ended = next(piece for piece in pieces if keys(piece))
    assert (ended["running_calls"], ended["running"].strip(), keys(ended)) == (0, "", [key(call)])


def test_a_call_of_which_nothing_is_heard_is_told_as_lost_although_nothing_comes(site: Site) -> None:
    say(site, sign(begun(50), 9, seconds_ago=8))
    with site.asking("/events") as answer:
        told = (words(piece["running"]) for piece in news(answer))
        assert "running 5" in next(told)
        assert any("no sign for" in each for each in told)


BOUNDS = {"/events": "MOST_LISTS", "/api/hold": "MOST_HOLDERS"}


@pytest.mark.parametrize("path", BOUNDS)
def test_no_more_streams_are_open_than_a_server_can_tell(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, BOUNDS[path], 2)
    with Store.open(None) as store, running_site(store) as site:
        with site.asking(path) as first, site.asking(path + "?model=x") as second:
            assert (first.status, second.status) == (200, 200)
            refused = site.get(path)
            assert (refused.status, refused.headers["retry-after"], refused.text.count("\n")) == (503, "10", 1)
            assert [site.get(each).status for each in ("/", "/rows?at=0")] == [200, 200]
            assert site.get(path, method="HEAD").status == 503
        until(lambda: site.get("/events?limit=0").status == 400 and opened(site, path))


@pytest.mark.parametrize("path", BOUNDS)
def test_a_stream_counts_before_its_first_piece_is_sent_and_no_more_once_it_is_given_up(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, BOUNDS[path], 1)
    scope: Scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
    scope |= {"headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1)}
    with Store.open(None) as store:
        app = create_app(store, cast(Callable[[], Health], None))
        assert asyncio.run(statuses_of_three(app, scope)) == [200, 503, 200]


async def statuses_of_three(app: ASGIApp, scope: Scope) -> list[int]:
    """The second is asked while nobody takes the first, and the third when the first was given up."""
    statuses: list[int] = []

    async def asked() -> asyncio.Task[None]:
        answered = asyncio.Event()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                answered.set()
                await asyncio.Event().wait()

        async def receive() -> Message:
            return await asyncio.get_running_loop().create_future()

        task = asyncio.create_task(cast(Coroutine[None, None, None], app(scope, receive, send)))
        await asyncio.wait_for(answered.wait(), 30)
        return task

    async def given_up(task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    first = await asked()
    await given_up(await asked())
    await given_up(first)
    await given_up(await asked())
    return statuses


def opened(site: Site, path: str) -> bool:
    """Whether it can be asked for again."""
    with site.asking(path) as answer:
        return answer.status == 200


@pytest.mark.parametrize("path", ["/events", "/api/hold"])
def test_a_stream_ends_when_the_server_ends_its_subscriptions(site: Site, path: str) -> None:
    with site.asking(path) as answer:
        answer.readline()
        site.store.end_subscriptions()
        assert answer.read() is not None


def test_holders_are_counted_while_they_live(site: Site) -> None:
    with site.asking("/api/hold") as first, site.asking("/api/hold") as second:
        assert (first.readline(), second.readline()) == (b"holding\n", b"holding\n")
        assert holders(site) == 2
    until(lambda: holders(site) == 0)
