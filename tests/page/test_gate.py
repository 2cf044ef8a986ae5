"""Only this machine is answered, and a browser may do with an answer only what the page itself does."""

from __future__ import annotations

import pytest

from firsttoken.page.gate import HEADERS, POLICY

from .site import Site

EVERY_KIND_OF_ANSWER = [
    "/",
    "/nowhere",
    "/?limit=x",
    "/static/page.css",
    "/static/nothing.js",
    "/api/health",
    "/api/hold",
]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4319",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "",
    ],
)
def test_a_foreign_host_name_is_refused_in_one_line(shared_site: Site, host: str) -> None:
    answer = shared_site.get("/api/calls", {"host": host})
    assert (answer.status, answer.text.count("\n")) == (421, 1)
    assert "ask for localhost or 127.0.0.1 instead" in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:4319", "127.0.0.1", "127.1.2.3:80", "[::1]:4319", "x.localhost"]
)
def test_every_name_of_this_machine_is_answered(shared_site: Site, host: str) -> None:
    assert shared_site.get("/api/health", {"host": host}).status == 200


@pytest.mark.parametrize("path", ["/api/calls", "/api/hold", "/events", "/static/calls.js"])
def test_another_site_cannot_read(shared_site: Site, path: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert shared_site.get(path, headers).status == 403


def test_another_site_may_link_here(shared_site: Site) -> None:
    assert shared_site.get("/", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}).status == 200


@pytest.mark.parametrize("path", EVERY_KIND_OF_ANSWER)
def test_every_answer_carries_the_security_headers(shared_site: Site, path: str) -> None:
    with shared_site.asking(path) as answer:
        assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
        assert answer.getheader("cache-control") == "no-store"


def test_the_policy_allows_neither_inline_code_nor_another_origin() -> None:
    assert not {"unsafe", "http", "data:", "*"} & set(POLICY.replace("'", " ").replace("-", " ").split())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed_from_a_browser(shared_site: Site, method: str) -> None:
    assert shared_site.get("/api/calls", method=method).status == 405
