"""The page of one call in a real browser: a long stream, the way to its largest gap, and the words there."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from patience import is_done_within
from playwright.sync_api import Browser, expect

from .looking import axe_violations, width_beyond
from .samples import MS, STREAMED, later
from .site import Site
from .test_pages import address
from .timed import add_timed, long_stream, timed
from .visit import Visit, visiting

pytestmark = pytest.mark.system

COUNT = 100_000
GAP_AT = 61_234
GAP_NS = 1_400 * MS
WORDS = "#timeline .words"
READOUT = "#timeline .readout"


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """A window that must not complain, nor ask anybody but the server."""
    with visiting(browser) as visit:
        yield visit
        assert visit.complaints == []
        assert visit.hosts <= {site.host}


def test_the_words_at_the_largest_of_a_hundred_thousand_gaps_are_two_keys_away(visit: Visit, site: Site) -> None:
    call = long_stream(COUNT, GAP_AT, GAP_NS)
    add_timed(site, call)
    page = visit.page

    def opened_after_s() -> float:
        began = time.monotonic()
        page.goto(site.url + address(call))
        page.locator(f"{WORDS} span").first.wait_for()
        return time.monotonic() - began

    assert is_done_within(3, opened_after_s)
    page.keyboard.press("t")
    page.keyboard.press("g")
    expect(page.locator(READOUT)).to_contain_text("chunk 61,235 of 100,000")
    expect(page.locator(READOUT)).to_contain_text("waited 1.40")
    expect(page.locator(f"{WORDS} .pause")).to_have_count(1)
    expect(page.locator(f"{WORDS} .chosen")).to_be_in_viewport()
    around = page.locator(WORDS).inner_text()
    assert "w61233 1.40\N{NO-BREAK SPACE}sw61234 " in around.replace("\n", "")
    for key in ("+", "ArrowLeft", "-", ".", ",", "Home", "End", "0"):
        page.keyboard.press(key)
    expect(page.locator(READOUT)).to_contain_text("chunk 100,000 of 100,000")
    page.locator("#timeline .gaps a").first.click()
    expect(page).to_have_url(f"{site.url}{address(call)}#chunk-{GAP_AT + 1}")
    expect(page.locator(READOUT)).to_contain_text("chunk 61,235 of 100,000")
    page.goto(f"{site.url}{address(call)}#largest-gap")
    expect(page.locator(READOUT)).to_contain_text("chunk 61,235 of 100,000")


def test_a_stretch_is_dragged_out_and_a_chunk_is_told_under_the_pointer(visit: Visit, site: Site) -> None:
    call = timed([f"w{number} " for number in range(50)], [20 * MS] * 50)
    add_timed(site, call)
    page = visit.page
    page.goto(site.url + address(call))
    expect(page.locator(f"{WORDS} span")).to_have_count(50)
    page.locator("#timeline canvas.plot").scroll_into_view_if_needed()
    box = page.locator("#timeline canvas.plot").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.25, middle)
    expect(page.locator(READOUT)).to_contain_text("of 50")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.up()
    expect(page.locator(f"{WORDS} span")).not_to_have_count(50)
    page.get_by_role("button", name="Whole stream").click()
    expect(page.locator(f"{WORDS} span")).to_have_count(50)
    page.locator(f"{WORDS} span").nth(30).click()
    expect(page.locator(READOUT)).to_contain_text("chunk 31 of 50")


def test_keys_lead_through_the_page_and_out_of_it(visit: Visit, site: Site) -> None:
    site.add(*(later(STREAMED, number) for number in range(2)), run_id="r1")
    page = visit.page
    page.goto(f"{site.url}{address(later(STREAMED, 0))}?run=r1")
    expect(page.locator("#find")).to_be_visible()
    for key, section in (("j", "phases"), ("j", "timeline"), ("k", "phases"), ("t", "timeline")):
        page.keyboard.press(key)
        expect(page.locator(f"#{section}")).to_be_focused()
    page.locator("#find").fill("request.model")
    expect(page.locator("#found")).to_contain_text("1 of")
    expect(page.locator("#attributes tr:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page).to_have_url(f"{site.url}{address(later(STREAMED, 1))}?run=r1")
    expect(page.locator("#find")).to_be_visible()
    page.wait_for_load_state()  # All scripts have run: keys are listened to.
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site.url}/?run=r1")


def test_a_text_of_megabytes_is_opened_in_portions(visit: Visit, site: Site) -> None:
    call = timed(["x" * 3_000_000], [MS])
    add_timed(site, call)
    page = visit.page
    page.goto(site.url + address(call))
    more = page.locator("#conversation .more a")
    expect(more).to_have_text("Show all 3,000,000 characters")
    more.click()
    expect(more).to_contain_text("40,000 of 3,000,000")
    more.click()
    expect(more).to_contain_text("80,000 of 3,000,000")
    shown = page.locator("#conversation .long .said").evaluate_all("all => all.map((one) => one.textContent.length)")
    assert shown == [40_000, 40_000]


def test_the_timeline_is_accessible_in_both_themes_and_on_a_phone(visit: Visit, site: Site) -> None:
    call = long_stream(300, 100, GAP_NS)
    add_timed(site, call)
    page = visit.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(site.url + address(call))
    page.locator(f"{WORDS} .pause").first.wait_for()
    broken = {"light": axe_violations(page)}
    page.emulate_media(color_scheme="dark")
    broken["dark"] = axe_violations(page)
    page.set_viewport_size({"width": 360, "height": 800})
    broken["phone"] = axe_violations(page)
    assert {where: rules for where, rules in broken.items() if rules} == {}
    assert width_beyond(page, 360) <= 0
