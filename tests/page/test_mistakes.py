"""When our own side fails, the answer is one clear line, a page for a browser, and as guarded as any other."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from firsttoken.analyse import Health
from firsttoken.page import create_app
from firsttoken.page.gate import HEADERS
from firsttoken.page.mistakes import INTERNAL
from firsttoken.store import Store

from .site import Site, running_site


def broken_app(store: Store, health: object) -> Starlette:
    """Its server cannot say how it fares."""

    def unhealthy() -> Health:
        raise RuntimeError("a secret of the server")

    return create_app(store, unhealthy)


@pytest.mark.parametrize(("accept", "begins"), [("*/*", INTERNAL + "\n"), ("text/html", "<!doctype html>")])
def test_an_unforeseen_error_is_answered_with_500_and_gives_nothing_away(accept: str, begins: str) -> None:
    with Store.open(None) as store, running_site(store, broken_app) as site:
        answer = site.get("/api/health", {"accept": accept})
    assert (answer.status, answer.text.startswith(begins), INTERNAL in answer.text) == (500, True, True)
    assert "secret" not in answer.text
    assert answer.headers.items() >= HEADERS.items()


def test_a_store_that_cannot_be_asked_is_answered_with_503_and_its_reason(site: Site) -> None:
    site.store.close()
    answer = site.get("/api/calls")
    assert (answer.status, answer.text.count("\n")) == (503, 1)
    assert "store" in answer.text


def test_the_server_answers_on_after_a_mistake(site: Site) -> None:
    assert [site.get(path).status for path in ("/nowhere", "/?limit=x", "/")] == [404, 400, 200]
