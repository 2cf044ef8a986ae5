"""A page with a token in a real browser: its link leads in once and leaves nothing, and other sites stay outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from firsttoken.access import Access, Token
from firsttoken.store import Store

from .looking import axe_violations
from .samples import STREAMED
from .site import Site, running_site
from .visit import visiting

pytestmark = pytest.mark.system

TOKEN = Token.given("a-token-of-the-tests-0123456789-abcdefghijk")


@pytest.fixture
def locked() -> Iterator[Site]:
    with (
        Store.open(None) as store,
        running_site(store, access=Access(TOKEN, spares_this_machine=False)) as site,
    ):
        site.add(STREAMED)
        yield site


def test_the_link_leads_in_once_and_leaves_the_token_neither_in_the_address_nor_to_scripts(
    browser: Browser, locked: Site
) -> None:
    with visiting(browser) as visit:
        page = visit.page
        page.goto(locked.url)
        expect(page.get_by_role("heading", name="This page is locked")).to_be_visible()
        assert axe_violations(page) == []
        page.goto(f"{locked.url}/enter?token={TOKEN.secret}")
        expect(page).to_have_url(f"{locked.url}/")
        expect(page.locator("#live")).to_have_text("live")
        assert TOKEN.secret not in page.content()
        assert page.evaluate("[document.cookie, performance.getEntriesByType('navigation')[0].name]") == [
            "",
            f"{locked.url}/",
        ]
        page.go_back()
        assert page.url == f"{locked.url}/"


def test_a_link_on_another_site_arrives_and_neither_a_frame_nor_a_script_of_it_does(
    browser: Browser, locked: Site
) -> None:
    with visiting(browser) as visit:
        page = visit.page
        page.route(
            ELSEWHERE, lambda asked: asked.fulfill(content_type="text/html", body=f'<iframe src="{locked.url}">')
        )
        page.goto(f"{locked.url}/enter?token={TOKEN.secret}")
        page.goto(ELSEWHERE)
        assert page.evaluate(READ_FROM, f"{locked.url}/api/calls") == "nothing"
        page.wait_for_function("document.querySelector('iframe').contentDocument === null")
        assert "gpt-5.1" not in "".join(frame.content() for frame in page.frames)
        with page.expect_navigation(url=f"{locked.url}/?limit=2"):
            page.evaluate("(to) => { location.href = to; }", f"{locked.url}/?limit=2")
        expect(page.locator("#calls a").first).to_be_visible()


ELSEWHERE = "http://elsewhere.example/"
READ_FROM = """(address) => fetch(address, {mode: 'no-cors', credentials: 'include'}).then(
  (answer) => answer.text()).then((text) => text || 'nothing', () => 'nothing')"""
