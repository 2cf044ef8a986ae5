"""Scrolling in a real browser: no movement of a reader's is lost, and rows that are not there yet say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from firsttoken.store import Store

from .site import Site, running_site
from .test_list_browser import call_at, in_view, row, scroll
from .visit import Visit, visiting

pytestmark = pytest.mark.system

MANY = 600
HELD_BACK = """
  // What the page wants to be called with, kept, so that a test can call it at the worst moment.
  window.kept = { resized: [], late: [], sources: [] };
  const { setTimeout: setTimeoutOfBrowser, EventSource: Source, ResizeObserver: Observer } = window;
  window.ResizeObserver = class extends Observer {
    constructor(call) { super(call); window.kept.resized.push(call); }
  };
  window.setTimeout = (call, ms) => {
    if (ms === 200) { window.kept.late.push(call); return 0; }
    return setTimeoutOfBrowser(call, ms);
  };
  window.EventSource = class extends Source {
    constructor(address) { super(address); window.kept.sources.push(this); }
  };
"""
NEWS = f"""
  const totals = document.getElementById("totals").innerHTML;
  kept.sources[0].dispatchEvent(new MessageEvent("sums", {{ data: JSON.stringify({{ totals, calls: {MANY} }}) }}));
"""


@pytest.fixture(scope="module")
def many(cache_of_these_tests: None) -> Iterator[Site]:
    """A server with some hundred calls, which no test adds to."""
    with Store.open(None) as store, running_site(store) as site:
        site.add(*(call_at(number) for number in range(MANY)))
        yield site


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.set_viewport_size({"width": 1280, "height": 800})
        yield visit


@pytest.fixture
def page(visit: Visit, many: Site) -> Page:
    """The list, where a test can say when the browser tells of what it noticed."""
    visit.page.add_init_script(HELD_BACK)
    visit.page.goto(many.url)
    expect(visit.page.locator("#live")).to_have_text("live")
    expect(visit.page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
    return visit.page


def scroll_and(page: Page, top: str, then: str) -> None:
    """Scrolls, and lets something else happen before the browser tells of it."""
    page.locator("#list").evaluate(f"(list) => {{ list.scrollTop = {top}; {then} }}")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("kept.resized.forEach((call) => call())", id="the list got another size"),
        pytest.param("kept.late.forEach((call) => call())", id="an earlier movement came to rest"),
    ],
)
def test_what_happens_before_a_browser_tells_of_a_movement_does_not_undo_it(page: Page, first: str) -> None:
    scroll_and(page, "8 * 41", "")
    expect(page).to_have_url(re.compile(r"\?before="))
    assert page.evaluate("Math.min(kept.resized.length, kept.late.length)") > 0
    place = page.url
    scroll_and(page, "list.scrollHeight", first)
    expect(row(page, 0)).to_be_visible()
    expect(page).not_to_have_url(place)
    assert in_view(page)[-1] == MANY - 1


def test_a_movement_that_news_come_before_is_one_of_a_reader_all_the_same(page: Page) -> None:
    scroll_and(page, "8 * 41", NEWS)
    expect(page).to_have_url(re.compile(r"\?before="))


def test_who_scrolls_before_the_script_runs_stays_there(visit: Visit, many: Site) -> None:
    page, held = visit.page, list[Route]()
    page.route("**/static/calls.js", partial(list.append, held))
    page.goto(many.url, wait_until="commit")
    expect(row(page, MANY - 21)).to_be_attached()
    page.locator("#list").evaluate("(list) => { list.scrollTop = 20 * 41; }")
    held[0].continue_()
    expect(page.locator(".is-virtual")).to_be_visible()
    assert in_view(page)[0] == 20
    expect(page).to_have_url(re.compile(r"\?before="))
    assert visit.complaints == []


def test_rows_that_are_not_there_say_so_and_come_when_the_server_is_back(visit: Visit, many: Site) -> None:
    page, absent = visit.page, visit.page.locator("#absent")
    waiting: list[Route] = []
    page.goto(many.url)
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
    expect(absent).to_be_hidden()
    page.route("**/rows?*", partial(list.append, waiting))
    scroll(page, 1)
    expect(absent).to_have_text("These calls are on their way.")
    page.route("**/rows?*", lambda route: route.abort())
    for route in waiting:
        route.abort()
    expect(absent).to_have_text("These calls have not come: the server cannot be reached. Trying again.")
    page.unroute_all()
    expect(row(page, 0)).to_be_visible()
    expect(absent).to_be_hidden()
    assert in_view(page)[-1] == MANY - 1
