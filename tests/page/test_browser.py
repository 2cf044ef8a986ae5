"""The page in a real browser: live, silent on the console, alone with its server, and usable by keyboard."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest
from patience import is_done_within
from playwright.sync_api import Browser, expect

from firsttoken.call import Call
from firsttoken.page import streams
from firsttoken.store import Store

from .samples import EVERY_KIND, HOSTILE, HOSTILE_TEXT, STREAMED, TIMED_OUT, later
from .site import Site, ids, running_site
from .visit import Visit, visiting

pytestmark = pytest.mark.system


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """A window that must not complain, nor ask anybody but the server."""
    with visiting(browser) as visit:
        yield visit
        assert visit.complaints == []
        assert visit.hosts <= {site.host}


def test_a_row_appears_within_a_second_after_its_call_arrived(visit: Visit, site: Site) -> None:
    visit.page.goto(site.url)
    expect(visit.page.locator("#live")).to_have_text("live")
    expect(visit.page.get_by_role("heading", name="No calls yet")).to_be_visible()
    numbers = itertools.count()

    def appeared_after_s() -> float:
        number = next(numbers)
        site.add(later(STREAMED, number))
        began = time.monotonic()
        visit.page.locator("#calls tr").nth(number).wait_for()
        return time.monotonic() - began

    assert is_done_within(1, appeared_after_s)
    expect(visit.page.get_by_role("heading", name="No calls yet")).to_be_hidden()
    expect(visit.page.locator("#totals")).to_contain_text("412 ms")


def test_rows_stand_in_the_order_in_which_the_calls_started(visit: Visit, site: Site) -> None:
    calls = [later(STREAMED, number) for number in range(3)]
    site.add(calls[1])
    visit.page.goto(site.url)
    for call in (calls[0], calls[2]):
        site.add(call)
    expect(visit.page.locator("#calls tr")).to_have_count(3)
    started = visit.page.locator("#calls tr").evaluate_all("rows => rows.map((row) => row.dataset.started)")
    assert started == [str(call.timing.started_unix_ns) for call in reversed(calls)]


def test_all_bars_share_one_scale_when_a_longer_call_arrives(visit: Visit, site: Site) -> None:
    site.add(STREAMED)
    visit.page.goto(site.url)
    expect(visit.page.locator("#scale")).to_have_text("2.50\N{NO-BREAK SPACE}s")
    site.add(TIMED_OUT)
    expect(visit.page.locator("#scale")).to_have_text("6.00\N{NO-BREAK SPACE}s")
    boxes = visit.page.locator("#calls svg.bar").evaluate_all("bars => bars.map((bar) => bar.getAttribute('viewBox'))")
    assert boxes == ["0 0 6000 10", "0 0 6000 10"]


def test_arriving_rows_move_no_column(visit: Visit, site: Site) -> None:
    site.add(STREAMED)
    visit.page.goto(site.url)
    left_edges = "cells => cells.map((cell) => cell.getBoundingClientRect().left)"
    before = visit.page.locator("table.calls thead th").evaluate_all(left_edges)
    site.add(*EVERY_KIND[1:])
    expect(visit.page.locator("#calls tr")).to_have_count(len(EVERY_KIND))
    assert visit.page.locator("table.calls thead th").evaluate_all(left_edges) == before


def test_a_chart_is_drawn_under_the_policy_and_takes_the_colours_of_a_dark_page(visit: Visit, site: Site) -> None:
    site.add(STREAMED, later(STREAMED, 10**9))
    visit.page.goto(site.url + "/overview")
    mark = visit.page.locator("#heatmap svg .role-mark path").first
    expect(mark).to_be_attached()
    axis = visit.page.locator("#heatmap svg .role-axis-label text").first
    light = axis.get_attribute("fill")
    visit.page.emulate_media(color_scheme="dark")
    expect(axis).not_to_have_attribute("fill", str(light))


def test_a_click_on_a_row_opens_its_call(visit: Visit, site: Site) -> None:
    site.add(*EVERY_KIND)
    visit.page.goto(site.url)
    visit.page.locator("#calls tr").last.click()
    expect(visit.page).to_have_url(site.url + address(STREAMED))
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("gpt-5.1")


def test_a_call_can_be_reached_by_keyboard_and_the_focus_is_seen(visit: Visit, site: Site) -> None:
    site.add(STREAMED)
    visit.page.goto(site.url)
    for _ in range(25):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.closest('#calls') !== null"):
            break
    outline = visit.page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle")
    assert outline == "solid"
    visit.page.keyboard.press("Enter")
    expect(visit.page).to_have_url(site.url + address(STREAMED))


def test_strangers_text_that_arrives_live_is_never_run(visit: Visit, site: Site) -> None:
    visit.page.on("dialog", lambda dialog: visit.complaints.append(f"a dialog: {dialog.message}"))
    visit.page.goto(site.url)
    expect(visit.page.locator("#live")).to_have_text("live")
    site.add(HOSTILE)
    expect(visit.page.locator("#calls a")).to_have_text(HOSTILE_TEXT)
    visit.page.locator("#calls a").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text(HOSTILE_TEXT)


@pytest.mark.parametrize("call", EVERY_KIND)
def test_the_page_of_every_kind_of_call_is_silent_and_fits_a_phone(visit: Visit, site: Site, call: Call) -> None:
    site.add(*EVERY_KIND)
    visit.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", address(call)):
        visit.page.goto(site.url + path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_page_finds_its_server_again_after_a_restart(browser: Browser) -> None:
    with Store.open(None) as store, visiting(browser) as visit:
        with running_site(store) as site:
            visit.page.goto(site.url)
            expect(visit.page.locator("#live")).to_have_text("live")
        expect(visit.page.locator("#live")).to_have_text("server not reachable, trying again")
        site.add(STREAMED)
        with running_site(store, page_port=int(site.host.rpartition(":")[2])):
            expect(visit.page.locator("#live")).to_have_text("live")
            expect(visit.page.locator("#calls tr")).to_have_count(1)


def test_a_list_that_is_one_too_many_says_so_and_is_told_of_news_once_another_closes(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_LISTS", 1)
    with Store.open(None) as store, running_site(store) as site, visiting(browser) as visit:
        with site.asking("/events"):
            visit.page.goto(site.url)
            expect(visit.page.locator("#live")).to_have_text("too many lists are open, trying again")
        expect(visit.page.locator("#live")).to_have_text("live")


def address(call: Call) -> str:
    return "/calls/" + "/".join(ids(call))
