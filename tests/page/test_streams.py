"""Live news come within a second and end with the server; a hold is counted for as long as its client lives."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .samples import NO_USAGE, STREAMED, later
from .site import Site, ids

SOON_S = 5.0


def news(answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """The pieces of news in an open answer, each as soon as it is there."""
    while line := answer.readline():
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def keys(piece: dict[str, Any]) -> list[str]:
    return [row["key"] for row in piece["rows"]]


def holders(site: Site) -> int:
    return json.loads(site.get("/api/health").text)["holders"]


def test_news_begin_with_all_that_the_page_shows(site: Site) -> None:
    site.add(STREAMED, NO_USAGE)
    with site.asking("/events") as answer:
        assert answer.getheader("content-type") == "text/event-stream; charset=utf-8"
        piece = next(news(answer))
    assert keys(piece) == ["/".join(ids(call)) for call in (NO_USAGE, STREAMED)]
    assert [point["first_token_s"] for point in piece["points"]] == [0.305, 0.412]


def test_a_call_is_told_within_a_second_and_once(site: Site) -> None:
    with site.asking("/events") as answer:
        pieces = news(answer)
        assert keys(next(pieces)) == []
        began = time.monotonic()
        site.add(STREAMED)
        assert keys(next(pieces)) == ["/".join(ids(STREAMED))]
        assert time.monotonic() - began < 1
        site.add(NO_USAGE)
        assert keys(next(pieces)) == ["/".join(ids(NO_USAGE))]


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
        told = keys(next(pieces)) or keys(next(pieces))
    assert told == ["/".join(ids(NO_USAGE))]


def test_news_keep_the_place_where_older_calls_begin(site: Site) -> None:
    calls = [later(STREAMED, number) for number in range(3)]
    site.add(*calls)
    with site.asking("/events?limit=2") as answer:
        piece = next(news(answer))
    assert piece["older"] == f"/?limit=2&before={calls[1].timing.started_unix_ns}-{''.join(ids(calls[1]))}"


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
    deadline = time.monotonic() + SOON_S
    while holders(site) and time.monotonic() < deadline:
        pass
    assert holders(site) == 0
